package command

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"leadline/console"
	"leadline/console/mcp"
	tokens "leadline/console/token"
	"leadline/deploy/boot"
	"leadline/ingress/directory"
	"leadline/schemas"
)

// apiLimits hold for each token of the API.
type apiLimits struct {
	Rate int `name:"api-rate" env:"LEADLINE_API_RATE" default:"50" help:"Requests a second that each token may make; 0 is any number."`
}

// Validate names the flag that is wrong.
func (l apiLimits) Validate() error {
	if l.Rate < 0 || l.Rate > 1_000_000 {
		return fmt.Errorf("--api-rate=%d: want 0 to 1000000", l.Rate)
	}
	return nil
}

func (p *plant) tokens() *tokens.Book {
	return tokens.New(tokens.Options{Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry})
}

func tokenRole(b *tokens.Book) boot.Role {
	return boot.Role{Name: "tokens", Run: b.Run, Ready: b.Ready}
}

// directoryRole keeps what writes the directory.
func directoryRole(w *directory.Writer) boot.Role { return boot.Role{Name: "directory", Run: w.Run} }

// api is what people and machines ask: HTTP and MCP. secrets and with may be nil.
func (p *plant) api(store console.Store, token string, secrets *tokens.Book, with *staff, limited apiLimits) http.Handler {
	o := console.Options{
		Simulate: simulateMatching,
		Store:    store, Token: token, Tokens: secrets, Rate: limited.Rate, Metrics: console.NewMetrics(p.registry), Log: p.log,
		MCP: mcp.Handler(mcp.Options{Reader: console.Local{Store: store}, Version: version(), Log: p.log}),
	}
	if with == nil {
		return console.Handler(o)
	}
	o.Directory, o.Audit, o.Rules = with.directory, with.log, ruleBook{with.book}
	o.Import = func(ctx context.Context, org, format string, file io.Reader) (schemas.ImportReport, error) {
		return with.writer.Import(ctx, org, format, file, nil)
	}
	if with.known != nil {
		o.Connections = with.known
	}
	return console.Handler(o)
}
