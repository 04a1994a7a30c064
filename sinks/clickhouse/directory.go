package clickhouse

import (
	"context"
	"strings"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// DirectorySink takes the entries of schemas.Directory, versioned by
// sink.ByOffset.
//
// A Write has three inserts, and a crash after each leaves:
//
//  1. The batch's companies, whole. Its end users are as before, some perhaps
//     at a company that is gone: no read shows those.
//  2. Its end users too. Decisions, sides and settings are as before: each
//     stands for itself.
//  3. Everything. The batch comes again and changes nothing.
func (s *Store) DirectorySink() sink.Sink[schemas.DirectoryEntry] {
	return into(sink.DirectoryEntry, func(ctx context.Context, records []record[schemas.DirectoryEntry]) error {
		var companies, users, words []record[schemas.DirectoryEntry]
		for _, r := range records {
			switch _, sort, _ := cutDirectory(r.Key); sort {
			case schemas.SortCompany:
				companies = append(companies, r)
			case schemas.SortEndUser:
				users = append(users, r)
			default:
				words = append(words, r)
			}
		}
		if err := insert(ctx, s, "companies", companies, companyColumns(companies)); err != nil {
			return err
		}
		if err := insert(ctx, s, "end_users", users, endUserColumns(users)); err != nil {
			return err
		}
		return insert(ctx, s, "directory_words", words, wordColumns(words))
	})
}

// cutDirectory takes apart a key that was checked.
func cutDirectory(key string) (org, sort, id string) {
	parts := strings.SplitN(key, "/", 3)
	return parts[0], parts[1], parts[2]
}

func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func companyColumns(records []record[schemas.DirectoryEntry]) []column {
	none := &schemas.Company{}
	companies := each(records, func(r record[schemas.DirectoryEntry]) *schemas.Company {
		if r.Value == nil {
			return none
		}
		return r.Value.Company
	})
	return append(directoryColumns(records, "company_id"), []column{
		{"name", each(companies, func(c *schemas.Company) string { return c.Name })},
		{"domains", each(companies, func(c *schemas.Company) []string { return orEmpty(c.Domains) })},
		{"traits", each(companies, func(c *schemas.Company) map[string]string { return c.Traits })},
		{"names", each(companies, func(c *schemas.Company) []string {
			return append([]string{folded(c.Name)}, each(c.Domains, folded)...)
		})},
	}...)
}

func endUserColumns(records []record[schemas.DirectoryEntry]) []column {
	none := &schemas.EndUser{}
	users := each(records, func(r record[schemas.DirectoryEntry]) *schemas.EndUser {
		if r.Value == nil {
			return none
		}
		return r.Value.EndUser
	})
	return append(directoryColumns(records, "end_user_id"), []column{
		{"company_id", each(users, func(u *schemas.EndUser) *string { return u.CompanyID })},
		{"name", each(users, func(u *schemas.EndUser) string { return u.Name })},
		{"emails", each(users, func(u *schemas.EndUser) []string { return orEmpty(u.Emails) })},
		{"traits", each(users, func(u *schemas.EndUser) map[string]string { return u.Traits })},
	}...)
}

func directoryColumns(records []record[schemas.DirectoryEntry], idColumn string) []column {
	return []column{
		{"org", each(records, func(r record[schemas.DirectoryEntry]) string { org, _, _ := cutDirectory(r.Key); return org })},
		{idColumn, each(records, func(r record[schemas.DirectoryEntry]) string { _, _, id := cutDirectory(r.Key); return id })},
		{"version", each(records, func(r record[schemas.DirectoryEntry]) uint64 { return r.Version })},
		{"deleted", each(records, record[schemas.DirectoryEntry].deleted)},
		{"body", each(records, func(r record[schemas.DirectoryEntry]) string { return r.body })},
	}
}

func wordColumns(records []record[schemas.DirectoryEntry]) []column {
	return append(directoryColumns(records, "id"), column{
		"sort", each(records, func(r record[schemas.DirectoryEntry]) string { _, sort, _ := cutDirectory(r.Key); return sort }),
	})
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
