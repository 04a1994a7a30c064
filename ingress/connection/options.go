// Package connection keeps the recorders that organisations connected: it makes and removes connections, seals their
// secrets, and holds a copy of all of them for those who receive from them.
package connection

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// First is the name of an organisation's first connection to a recorder, the one that the plain webhook path means.
const First = "default"

// Options are what everything here is made with. All are required.
type Options struct {
	Kafka   []kgo.Opt // brokers, security, partitioner, limits
	Codec   *schemas.Codec
	Log     *slog.Logger
	Metrics prometheus.Registerer
}
