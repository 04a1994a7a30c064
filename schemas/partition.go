package schemas

import (
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// PartitionKey is the part of a record's key that chooses its partition: as
// many slash-separated segments as the topic's partitioning asks for.
func PartitionKey(by Partitioning, key []byte) []byte {
	segments := int(by)
	for i, c := range key {
		if c == '/' {
			if segments--; segments == 0 {
				return key[:i]
			}
		}
	}
	return key
}

// Partitioner places records of Leadline's topics: Kafka's default hash
// (murmur2), over the partition key instead of the whole key. A program in
// another language that writes to the directory gets the same partition by
// hashing the organisation alone.
//
// Records of a state topic carry their partition: it is that of the input they
// were computed from, whatever their key.
func Partitioner() kgo.Partitioner {
	by := make(map[string]Partitioning)
	for _, s := range Topics() {
		by[s.Name] = s.PartitionBy
	}
	kafka := kgo.StickyKeyPartitioner(nil)
	return kgo.BasicConsistentPartitioner(func(topic string) func(*kgo.Record, int) int {
		if strings.HasPrefix(topic, statePrefix) {
			return func(r *kgo.Record, _ int) int { return int(r.Partition) }
		}
		hash := kafka.ForTopic(topic)
		partitioning := by[strings.TrimSuffix(topic, deadSuffix)]
		return func(r *kgo.Record, n int) int {
			return hash.Partition(&kgo.Record{Key: PartitionKey(partitioning, r.Key)}, n)
		}
	})
}
