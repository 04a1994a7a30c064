package elasticsearch

// OfAnotherBuild makes a store's mapping another one.
func (o *Options) OfAnotherBuild() { o.fields = object{"another": object{"type": "keyword"}} }
