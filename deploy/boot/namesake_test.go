package boot

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestAProcessEndsWhenItsNameIsTaken(t *testing.T) {
	t.Parallel()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "work"))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	join := func(name string) (member *Namesake, joined chan struct{}) {
		member, joined = NewNamesake(name), make(chan struct{}, 10)
		client, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...), kgo.ConsumerGroup("workers"), kgo.ConsumeTopics("work"),
			kgo.InstanceID(name), kgo.WithHooks(member), kgo.HeartbeatInterval(50*time.Millisecond),
			kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) { joined <- struct{}{} }))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		return member, joined
	}
	first, joined := join("a-1")
	<-joined
	other, joined := join("a-2")
	<-joined
	_, joined = join("a-1")
	<-joined

	err = first.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "LEADLINE_INSTANCE=a-1") {
		t.Errorf("the first a-1 ended with %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := other.Run(ended); err != nil {
		t.Errorf("a-2, whose name is its own: %v", err)
	}
}
