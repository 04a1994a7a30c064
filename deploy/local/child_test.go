package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// child is what the test binary does when it is started as another process.
func child(role string) error {
	dir := os.Getenv("LEADLINE_LOCAL_DIR")
	n, err := strconv.Atoi(os.Getenv("LEADLINE_LOCAL_N"))
	if err != nil {
		return err
	}
	switch role {
	case "produce":
		return produceUntilKilled(dir, n)
	case "fold":
		return foldUntilStep(dir, n)
	case "start":
		return measureStart(neverFold(dir))
	case "start-fold":
		return measureStart(foldConfig(dir))
	}
	return errors.New("unknown role " + role)
}

func childCommand(t *testing.T, role, dir string, n int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childEnv+"="+role, "LEADLINE_LOCAL_DIR="+dir, "LEADLINE_LOCAL_N="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	return cmd
}

func killSelf() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}

// foldUntilStep folds the current generation below dir and kills the process at the n-th step.
func foldUntilStep(dir string, n int) error {
	g, err := currentGeneration(dir)
	if err != nil {
		return err
	}
	steps := 0
	f := folder{compacted: map[string]bool{"state": true}, step: func(string) {
		if steps++; steps == n {
			killSelf()
		}
	}}
	_, err = f.fold(g)
	return err
}

// produceUntilKilled writes records and transactions as fast as it can and prints a line for each that was acknowledged: the key,
// or "abort" and the key of a record in a transaction that was aborted.
func produceUntilKilled(dir string, round int) error {
	ctx := context.Background()
	e, err := Open(ctx, crashConfig(dir))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	say := func(words ...string) error {
		if _, err := fmt.Fprintln(out, strings.Join(words, " ")); err != nil {
			return err
		}
		return out.Flush()
	}
	single, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...))
	if err != nil {
		return err
	}
	txn, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...), kgo.TransactionalID("stage-"+e.BootID()))
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		key := fmt.Sprintf("r%d-%d", round, i)
		if err := single.ProduceSync(ctx, rec("events", key, "v")).FirstErr(); err != nil {
			return err
		}
		if err := say(key); err != nil {
			return err
		}
		if err := txn.BeginTransaction(); err != nil {
			return err
		}
		// The state topic has five keys only, so that the starts between the kills have something to fold.
		stateKey := fmt.Sprintf("k%d", i%5)
		records := []*kgo.Record{rec("out", key+"-a", "v"), rec("out", key+"-b", "v"), rec("state", stateKey, key)}
		if err := txn.ProduceSync(ctx, records...).FirstErr(); err != nil {
			return err
		}
		commit := i%4 != 3
		if err := txn.EndTransaction(ctx, kgo.TransactionEndTry(commit)); err != nil {
			return err
		}
		if commit {
			err = say("commit", key, stateKey)
		} else {
			err = say("abort", key)
		}
		if err != nil {
			return err
		}
	}
}
