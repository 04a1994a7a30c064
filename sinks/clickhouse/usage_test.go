package clickhouse_test

import (
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

func TestUsageThatComesTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	at := time.Date(2026, 11, 23, 12, 0, 0, 7_000_000, time.UTC)
	u := schemas.Usage{
		MeetingID: "o/fathom/1", Org: "o", Memo: "m", Distiller: "openai:x prompt/1", At: at,
		Spent: schemas.Spending{Calls: 2, TokensIn: 100, TokensOut: 20, Micros: 5}, Rules: []string{"a", "b"}, Companies: []string{"co"},
	}
	row := func(version uint64) sink.Row[schemas.Usage] {
		return sink.Row[schemas.Usage]{Key: schemas.UsageKey(u.MeetingID, u.Memo, u.At), Version: version, Value: &u}
	}
	write(t, s.UsageSink(), row(1))
	write(t, s.UsageSink(), row(1), row(9))
	if n := number(t, conn, "SELECT sum(micros) FROM distill_usage_current WHERE org = 'o'"); n != 5 {
		t.Errorf("spent %d, want 5", n)
	}
	if n := number(t, conn, "SELECT sum(tokens_in) FROM distill_usage_current ARRAY JOIN rules AS rule WHERE rule = 'b'"); n != 100 {
		t.Errorf("rule b read %d tokens, want 100", n)
	}
}

func TestEverySortOfTheDirectoryIsCounted(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	setting := &schemas.DirectoryEntry{Org: "o", Setting: &schemas.Setting{Name: schemas.SettingUnmatched, Value: schemas.UnmatchedGeneral}}
	write(t, s.DirectorySink(), sink.Row[schemas.DirectoryEntry]{
		Key: schemas.DirectoryKey("o", schemas.SortSetting, schemas.SettingUnmatched), Version: 1, Value: setting,
	})
	if n, err := s.Count(t.Context(), sink.PartDirectory); err != nil || n != 1 {
		t.Errorf("counted %d, %v, want the setting", n, err)
	}
}
