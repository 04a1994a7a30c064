package clickhouse_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"leadline/schemas"
	"leadline/sinks/clickhouse"
)

func TestMigratingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	write(t, s.MeetingSink(), meetingRow("1", 1))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n := number(t, conn, "SELECT count() FROM meetings_current"); n != 1 {
		t.Errorf("%d meetings after the second migration, want the one", n)
	}
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if n := number(t, conn, "SELECT count() FROM leadline_migrations"); len(files) == 0 || n != uint64(len(files)) {
		t.Errorf("%d migrations were noted, want each of %d once", n, len(files))
	}
}

// A row that an earlier build wrote lacks the columns that came later.
func TestDistillatesSayWhatTheyAreAboutBesideOlderOnes(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	write(t, s.MeetingSink(), full("1", 1, 2))
	exec(t, conn, "ALTER TABLE meetings DROP COLUMN distillates.polarity, DROP COLUMN distillates.signal")
	exec(t, conn, "DELETE FROM leadline_migrations WHERE version >= 5")
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, s.MeetingSink(), meetingRow("2", 1, func(m *schemas.MeetingRow) {
		m.Distillates = []schemas.Distillate{
			{Kind: schemas.CustomerFeedback, Sentence: "Mara praises.", Polarity: schemas.Positive},
			{Kind: schemas.RenewalSignal, Sentence: "Mara wavers.", Signal: "churn risk"},
		}
	}))
	for where, want := range map[string]uint64{
		"polarity = 'positive' AND signal = '' AND kind = 'customer_feedback'": 1,
		"polarity = '' AND signal = 'churn risk'":                              1,
		"polarity = '' AND signal = '' AND kind = 'product_ask'":               2,
	} {
		if n := number(t, conn, "SELECT count() FROM distillates WHERE "+where); n != want {
			t.Errorf("%d distillates have %s, want %d", n, where, want)
		}
	}
}

func TestProcessesThatMigrateAtOnceAllSucceed(t *testing.T) {
	t.Parallel()
	dsn, _ := database(t)
	var (
		wait sync.WaitGroup
		errs [6]error
	)
	stores := make([]*clickhouse.Store, len(errs))
	for i := range stores {
		stores[i] = open(t, dsn)
	}
	for i, s := range stores {
		wait.Go(func() { errs[i] = errors.Join(s.Migrate(t.Context()), s.Check(t.Context())) })
	}
	wait.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	write(t, stores[0].MeetingSink(), meetingRow("1", 1))
}

// A kill leaves some of a migration's tables and not its number.
func TestAMigrationThatWasCutIsFinished(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	exec(t, conn, "DROP TABLE companies SYNC")
	exec(t, conn, "DROP VIEW speakers SYNC")
	exec(t, conn, "TRUNCATE TABLE leadline_migrations")
	if err := s.Check(t.Context()); err == nil {
		t.Fatal("Check is content with half a migration")
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	number(t, conn, "SELECT count() FROM companies_current")
	number(t, conn, "SELECT count() FROM speakers")
}

func TestCheckSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dsn, conn := database(t)
	s := open(t, dsn)
	says := func(want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	says("migrate them first", s.Check(t.Context()))
	if n := number(t, conn, "SELECT count() FROM system.tables WHERE database = currentDatabase()"); n != 0 {
		t.Errorf("Check made %d tables", n)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "INSERT INTO leadline_migrations (version) VALUES (99)")
	says("knows up to", s.Check(t.Context()))
	says("knows up to", s.Migrate(t.Context()))
}

func TestAnAddressThatCannotBeUsedIsRefusedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"not a URL":    "clickhouse://user:hunter2@host:port/default",
		"over HTTP":    "http://user:hunter2@127.0.0.1:8123/default",
		"nobody there": "clickhouse://user:hunter2@127.0.0.1:1/default",
		"empty":        "",
	} {
		_, err := clickhouse.Open(t.Context(), dsn)
		if err == nil {
			t.Errorf("%s: opened", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
}
