package main

import (
	"fmt"

	"github.com/aftersales-suite/aftersales/platform/keys"
)

type keysCmd struct {
	Init   keysInitCmd   `cmd:"" help:"创建缺少的密钥 / Make the keys that are missing."`
	Rotate keysRotateCmd `cmd:"" help:"增加一个新版本,旧版本仍可读 / Add a version; what older ones sealed stays readable."`
}

type keysInitCmd struct{}

// Run makes what is missing; it is safe to repeat.
func (keysInitCmd) Run(cfg *suiteConfig) error {
	if _, err := keys.Init(cfg.Keys()); err != nil {
		return err
	}
	fmt.Printf("密钥就绪 / keys are in %s;请备份 / back them up\n", cfg.Keys())
	return nil
}

type keysRotateCmd struct {
	Kind string `arg:"" help:"密钥种类 / Kind of key." enum:"aead,index,archive,token,ca"`
}

// Run adds a version of one kind of key; servers use it after a restart.
func (k keysRotateCmd) Run(cfg *suiteConfig) error {
	if err := keys.Rotate(cfg.Keys(), k.Kind); err != nil {
		return err
	}
	fmt.Printf("%s: 新版本已创建,重启后生效 / new version made, used after a restart\n", k.Kind)
	return nil
}
