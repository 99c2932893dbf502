package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aftersales-suite/aftersales/deploy/backup"
	"github.com/aftersales-suite/aftersales/platform/process"
)

type backupCmd struct {
	File string `arg:"" help:"目标文件,不得已存在 / File to write; must not exist." placeholder:"FILE"`
}

// Run copies the installation into one file; a server may go on serving.
func (b backupCmd) Run(cfg *suiteConfig) (failed error) {
	file, err := os.OpenFile(b.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		failed = errors.Join(failed, file.Sync(), file.Close())
		if failed != nil {
			failed = errors.Join(failed, os.Remove(b.File)) // half a backup must not be taken for one
		}
	}()
	return backup.Write(context.Background(), placeOf(cfg), file, time.Now().UTC(), progress)
}

type restoreCmd struct {
	File string `arg:"" help:"备份文件 / Backup file." type:"existingfile" placeholder:"FILE"`
}

// Run puts a backup into the configured, empty place.
func (r restoreCmd) Run(cfg *suiteConfig) error {
	file, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer file.Close()
	return backup.Restore(context.Background(), file, placeOf(cfg), progress)
}

func placeOf(cfg *suiteConfig) backup.Place {
	return backup.Place{
		Dir: cfg.DataDir, Database: cfg.DatabaseURL, Schemas: process.Names,
		Migrate: func(ctx context.Context) error { return migrateAll(ctx, *cfg) },
	}
}

func progress(member string) { fmt.Fprintln(os.Stderr, "  "+member) }
