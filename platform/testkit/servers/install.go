package servers

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// installLimit bounds one apt-get run, with a slow mirror in mind.
const installLimit = 10 * time.Minute

// install installs one of Debian's packages without letting it start a server of its own on a fixed port.
func install(ctx context.Context, progress io.Writer, name string) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%s is not installed and only root may install it: apt-get install %s", name, name)
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("%s is not installed and there is no apt-get here: install it by hand", name)
	}
	_, _ = fmt.Fprintf(progress, "servers: %s is missing; installing it with apt-get, once\n", name)
	restore, err := forbidServices()
	if err != nil {
		return err
	}
	defer restore()
	if err := noSystemCluster(); err != nil {
		return err
	}
	if err := apt(ctx, progress, "install", "-y", "--no-install-recommends", name); err == nil {
		return nil
	}
	if err := apt(ctx, progress, "update"); err != nil { // the package lists may be missing or old
		return err
	}
	return apt(ctx, progress, "install", "-y", "--no-install-recommends", name)
}

func apt(ctx context.Context, progress io.Writer, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, installLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-q"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = progress, progress
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apt-get %v: %w", args, err)
	}
	return nil
}

// policyFile is asked by Debian's maintainer scripts whether a service may be started; 101 means no.
const policyFile = "/usr/sbin/policy-rc.d"

// forbidServices keeps packages from starting their service; restore undoes it. An existing policy is left alone.
func forbidServices() (restore func(), err error) {
	file, err := os.OpenFile(policyFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if os.IsExist(err) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	_, err = file.WriteString("#!/bin/sh\nexit 101\n")
	return func() { _ = os.Remove(policyFile) }, err
}

// noSystemCluster keeps postgresql-common from making a cluster of the machine's own.
func noSystemCluster() error {
	const path = "/etc/postgresql-common/createcluster.conf"
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte("create_main_cluster = false\n"), 0o644)
}
