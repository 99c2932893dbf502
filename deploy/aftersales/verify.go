package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"

	intake "github.com/aftersales-suite/aftersales/intake-svc"
	"github.com/aftersales-suite/aftersales/platform/keys"
)

type verifyCmd struct {
	Key  string `help:"公钥文件(PEM);默认用数据目录中的 / Public key file (PEM); default: those of the data folder." type:"existingfile" placeholder:"FILE"`
	File string `arg:"" help:"归档文件 / Archive file." type:"existingfile" placeholder:"FILE"`
}

// Exit codes of verify, beside 0 for verified.
const (
	exitAltered = 1
	exitNoKey   = 2
)

// Run judges an archive. It opens no database and needs no server.
func (v verifyCmd) Run(cfg *suiteConfig) error {
	public, err := v.keys(cfg)
	if err != nil {
		return coded{fmt.Errorf("没有可用的公钥 / no key to verify with: %w; --key FILE", err), exitNoKey}
	}
	file, err := os.Open(v.File)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	report, err := intake.VerifyArchive(file, info.Size(), public)
	switch {
	case errors.Is(err, intake.ErrNoArchiveKey):
		return coded{fmt.Errorf("没有签名所用的公钥 / the key that signed it is not here: %w; --key FILE", err), exitNoKey}
	case err != nil:
		return coded{err, exitAltered}
	case !report.OK():
		for _, problem := range report.Problems {
			fmt.Fprintf(os.Stderr, "  %s: %s\n", problem.Member, problem.Detail)
		}
		return coded{fmt.Errorf("%s: 已被改动 / altered", v.File), exitAltered}
	}
	fmt.Printf("%s: 验证通过 / verified; manifest sha256 %s\n", v.File, report.Digest)
	if e := report.Erasure; e != nil {
		fmt.Printf("  保存期满，个人内容已于 %s 删除 / personal content was erased on %s (%d)\n", e.Erased, e.Erased, len(e.Members))
	}
	return nil
}

func (v verifyCmd) keys(cfg *suiteConfig) (map[string]ed25519.PublicKey, error) {
	if v.Key == "" {
		return keys.LoadArchivePublic(cfg.Keys())
	}
	content, err := os.ReadFile(v.Key)
	if err != nil {
		return nil, err
	}
	key, err := keys.ParsePublic(content)
	return map[string]ed25519.PublicKey{intake.AnyArchiveKey: key}, err
}
