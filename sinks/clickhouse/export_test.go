package clickhouse

import (
	"encoding/json"
	"reflect"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// RowsOf is a batch as rows of the table, with the names of the columns.
func RowsOf(b sink.Batch[schemas.MeetingRow]) (names []string, rows [][]any) {
	records := each(b, func(r sink.Row[schemas.MeetingRow]) record[schemas.MeetingRow] {
		body, _ := json.Marshal(r.Value)
		return record[schemas.MeetingRow]{r, string(body)}
	})
	rows = make([][]any, len(b))
	for _, c := range meetingColumns(records, nil) {
		names = append(names, c.name)
		for i := range rows {
			rows[i] = append(rows[i], reflect.ValueOf(c.values).Index(i).Interface())
		}
	}
	return names, rows
}
