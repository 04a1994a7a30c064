package browser_test

import (
	"fmt"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/twmb/franz-go/pkg/kgo"

	. "leadline/console/browser"
	"leadline/schemas"
)

// deadLetters are read, replayed one and many, and die again.
func (w *world) deadLetters(b *Browser) {
	client, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(schemas.Partitioner()))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	const letters = 12
	for i := range letters {
		broken := schemas.RawRecord(schemas.Origin{
			Event: schemas.FathomMeetingReceived, Provider: schemas.Fathom, Org: w.org, Connection: "default", Source: schemas.SourceWebhook,
			Delivery: fmt.Sprint("msg_broken_", i), Received: time.Now(),
		}, []byte(`{"title": "</bdi><script>alert(1)</script>`))
		if err := client.ProduceSync(b.Context(), broken).FirstErr(); err != nil {
			b.Fatal(err)
		}
	}
	b.Do(b.Open("/flow"), Says(fmt.Sprint(letters, " records failed")))
	b.Do(b.Open("/flow"), Says("malformed"))
	tab(b, `td a[href^="/deadletter"]`)
	b.Do(Type(kb.Enter), Says("<script>alert(1)</script>"))
	b.Accessible("the dead letter")
	tab(b, `form[action="/deadletters"] button`)
	b.Do(Type(kb.Enter), Says("1 replayed"), Says(fmt.Sprint(letters+1, " records failed")))

	b.Do(b.Open("/flow"))
	tab(b, `form[action="/deadletters"] input[type=checkbox]`)
	b.Do(Type(" "), Type(kb.Tab), Type(kb.Tab), Type(" "))
	tab(b, `form[action="/deadletters"] button:not([type])`)
	b.Do(Type(kb.Enter), Says("2 replayed"), Says(fmt.Sprint(letters+3, " records failed")))

	b.Do(b.Open("/flow"))
	tab(b, "button[data-pick]")
	b.Do(Type(kb.Enter), Until(fmt.Sprintf("document.querySelectorAll('input[name=at]:checked').length === %d", letters+3)))
	b.Do(Press(`form[action="/deadletters"] button:not([type])`, kb.Enter), Says(fmt.Sprint(letters+3, " replayed")), Says(fmt.Sprint(2*(letters+3), " records failed")))
}
