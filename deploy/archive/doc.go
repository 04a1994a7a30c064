// Package archive packs files into one stream, and unpacks what anybody may have changed meanwhile.
//
// An archive is a tar, compressed with zstd. Its first entry is a manifest that lists all others with their sizes and sums, in their
// order. So whoever reads it knows what is to come before it comes: an entry that is not the next of the list, a byte more or less,
// another sum, or something behind the last one, and nothing of it is kept.
package archive
