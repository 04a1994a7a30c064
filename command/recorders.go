package command

import (
	"leadline/ingress/fathom"
	"leadline/ingress/recorder"
	"leadline/ingress/zoom"
	"leadline/schemas"
)

// recorders are all that Leadline can be connected to; a new one is one line more.
func recorders(limits fathom.Recorder, plan zoom.Plan) recorder.Table {
	return recorder.Table{
		schemas.Fathom: limits,
		schemas.Zoom:   zoom.New(plan),
	}
}
