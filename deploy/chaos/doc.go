// Package chaos disturbs a running Leadline and looks at what became of its
// meetings.
//
// A campaign is a source that goes on ending, editing and sending meetings, and
// a list of faults that are injected one after the other, in an order that the
// seed decides. Each fault has to show that it fired: a campaign whose faults
// miss proves nothing. When the time is over and everything is mended, one
// oracle judges: what the stores hold is a pure function of what the recorder
// holds, so it equals what an undisturbed Leadline makes of the same recorder.
package chaos
