package schemas

// DirectoryEntry is one company or one end user; exactly one of both is set.
// Its key is DirectoryKey; a nil value removes the entry.
type DirectoryEntry struct {
	Org     string   `avro:"org"`
	Company *Company `avro:"company"`
	EndUser *EndUser `avro:"end_user"`
}

// Company is a customer.
type Company struct {
	ID      string            `avro:"id"`
	Name    string            `avro:"name"`
	Domains []string          `avro:"domains"`
	Traits  map[string]string `avro:"traits"`
}

// EndUser is a person at a customer.
type EndUser struct {
	ID        string            `avro:"id"`
	CompanyID *string           `avro:"company_id"`
	Name      string            `avro:"name"`
	Emails    []string          `avro:"emails"`
	Traits    map[string]string `avro:"traits"`
}

// Sorts of directory entries, as they stand in keys.
const (
	SortCompany = "company"
	SortEndUser = "end_user"
)

// DirectoryKey is the key of an entry in Directory: org/company/ID or
// org/end_user/ID.
func DirectoryKey(org, sort, id string) string { return org + "/" + sort + "/" + id }
