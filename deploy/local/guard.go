package local

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A guard answers admin requests that would make the broker lose data, from our own code or from a tool such as a Kafka UI, with
// POLICY_VIOLATION and the reason. A request with several topics is refused whole.
type guard struct {
	compacted map[string]bool
	log       generation
	refused   prometheus.Counter
}

func (g *guard) watch(c *kfake.Cluster) {
	on := func(key kmsg.Key, refuse func(kmsg.Request) kmsg.Response) {
		c.ControlKey(key.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			resp := refuse(req)
			if resp == nil {
				return nil, nil, false
			}
			g.refused.Inc()
			return resp, nil, true
		})
	}
	on(kmsg.CreateTopics, g.createTopics)
	on(kmsg.AlterConfigs, g.alterConfigs)
	on(kmsg.IncrementalAlterConfigs, g.incrementalAlterConfigs)
	on(kmsg.DeleteRecords, g.deleteRecords)
}

// topicSetting says why a topic must not have the setting, or "".
func topicSetting(key string, value *string) string {
	if value == nil {
		return "" // Back to the broker's own value, which is a safe one.
	}
	n, err := strconv.ParseInt(*value, 10, 64)
	switch {
	case key == "cleanup.policy" && strings.Contains(*value, "compact"):
		return "the embedded broker loses a partition when it is killed while it compacts; compacted topics are folded at start instead"
	case key == "retention.ms" && (err != nil || n != -1):
		return "the embedded broker restarts a partition that time retention emptied at offset 0; use retention.bytes"
	case key == "retention.bytes" && (err != nil || n != -1 && n < minRetentionBytes):
		return fmt.Sprintf("retention.bytes must be -1 or at least %d, two of the largest batches", minRetentionBytes)
	case key == "segment.bytes" && (err != nil || n > segmentBytes):
		return fmt.Sprintf("segment.bytes must be at most %d, because a segment is deleted whole", segmentBytes)
	case key == "max.message.bytes" && (err != nil || n > maxBatchBytes):
		return fmt.Sprintf("max.message.bytes must be at most %d, half of the least retention", maxBatchBytes)
	}
	return ""
}

func setting(kind kmsg.ConfigResourceType, key string, value *string) string {
	switch kind {
	case kmsg.ConfigResourceTypeTopic:
		return topicSetting(key, value)
	case kmsg.ConfigResourceTypeBroker:
		_, fixed := brokerConfigs()[key]
		if fixed || key == "log.retention.bytes" {
			return key + " is fixed on the embedded broker"
		}
	}
	return ""
}

func (g *guard) createTopics(r kmsg.Request) kmsg.Response {
	req := r.(*kmsg.CreateTopicsRequest)
	reason := ""
	for _, t := range req.Topics {
		for _, c := range t.Configs {
			if why := topicSetting(c.Name, c.Value); why != "" {
				reason = "topic " + t.Topic + ": " + why
			}
		}
	}
	if reason == "" {
		return nil
	}
	resp := req.ResponseKind().(*kmsg.CreateTopicsResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewCreateTopicsResponseTopic()
		rt.Topic, rt.ErrorCode, rt.ErrorMessage = t.Topic, kerr.PolicyViolation.Code, &reason
		resp.Topics = append(resp.Topics, rt)
	}
	return resp
}

func (g *guard) alterConfigs(r kmsg.Request) kmsg.Response {
	req := r.(*kmsg.AlterConfigsRequest)
	reason := ""
	for _, res := range req.Resources {
		if res.ResourceType == kmsg.ConfigResourceTypeBroker {
			// This form replaces all settings of the broker, also those that it does not name.
			reason = "the settings of the embedded broker are fixed"
		}
		for _, c := range res.Configs {
			if why := setting(res.ResourceType, c.Name, c.Value); why != "" {
				reason = why
			}
		}
	}
	if reason == "" {
		return nil
	}
	resp := req.ResponseKind().(*kmsg.AlterConfigsResponse)
	for _, res := range req.Resources {
		rr := kmsg.NewAlterConfigsResponseResource()
		rr.ResourceType, rr.ResourceName = res.ResourceType, res.ResourceName
		rr.ErrorCode, rr.ErrorMessage = kerr.PolicyViolation.Code, &reason
		resp.Resources = append(resp.Resources, rr)
	}
	return resp
}

func (g *guard) incrementalAlterConfigs(r kmsg.Request) kmsg.Response {
	req := r.(*kmsg.IncrementalAlterConfigsRequest)
	reason := ""
	for _, res := range req.Resources {
		for _, c := range res.Configs {
			value := c.Value
			if c.Op == kmsg.IncrementalAlterConfigOpDelete {
				value = nil
			}
			if why := setting(res.ResourceType, c.Name, value); why != "" {
				reason = why
			}
		}
	}
	if reason == "" {
		return nil
	}
	resp := req.ResponseKind().(*kmsg.IncrementalAlterConfigsResponse)
	for _, res := range req.Resources {
		rr := kmsg.NewIncrementalAlterConfigsResponseResource()
		rr.ResourceType, rr.ResourceName = res.ResourceType, res.ResourceName
		rr.ErrorCode, rr.ErrorMessage = kerr.PolicyViolation.Code, &reason
		resp.Resources = append(resp.Resources, rr)
	}
	return resp
}

// deleteRecords lets whole segments go and refuses what would empty a partition, which then restarts at offset 0. It also refuses
// to delete from a compacted topic, where the oldest record can be the only one of its key. The answer has no place for a reason.
func (g *guard) deleteRecords(r kmsg.Request) kmsg.Response {
	req := r.(*kmsg.DeleteRecordsRequest)
	refuse := false
	for _, t := range req.Topics {
		for _, p := range t.Partitions {
			refuse = refuse || g.compacted[t.Topic] || !g.keepsLastSegment(t.Topic, p.Partition, p.Offset)
		}
	}
	if !refuse {
		return nil
	}
	resp := req.ResponseKind().(*kmsg.DeleteRecordsResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewDeleteRecordsResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewDeleteRecordsResponseTopicPartition()
			rp.Partition, rp.ErrorCode = p.Partition, kerr.PolicyViolation.Code
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp
}

// keepsLastSegment reports whether deleting all before offset leaves the segment that the partition's next offset is read from.
// The special offset -1 stands for all records.
func (g *guard) keepsLastSegment(topic string, partition int32, offset int64) bool {
	parts, err := g.log.partitions()
	if err != nil {
		return false
	}
	i := slices.IndexFunc(parts, func(p partitionDir) bool { return p.topic == topic && p.partition == partition })
	if i < 0 {
		return true // Nothing is stored, or the broker does not know it and says so itself.
	}
	segs, err := parts[i].segments()
	if err != nil || len(segs) == 0 {
		return err == nil
	}
	return offset >= 0 && offset <= segs[len(segs)-1].base
}
