package elasticsearch

// OfAnotherBuild makes a store's mapping another one.
func (o *Options) OfAnotherBuild() { o.fields = object{"another": object{"type": "keyword"}} }

// Pages makes a store read no more than so many bytes of documents at a time.
func (o *Options) Pages(bytes int) { o.pageBytes = bytes }
