package schemas

// Settle asks match to go on with an organisation's meetings that are to be
// judged again. Its key is the organisation. Match writes it to itself, one at
// a time, so that a change which touches many meetings is many small
// transactions.
type Settle struct {
	Org  string `avro:"org"`
	Step string `avro:"step"` // drawn at random; match goes on with the one that it wrote last alone
}
