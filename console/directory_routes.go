package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"leadline/schemas"
)

// directoryLines answers a page of the directory.
type directoryLines struct {
	Entries []schemas.DirectoryLine `json:"entries"`
	Next    *string                 `json:"next" doc:"after, for the page that follows"`
}

type conflictList struct {
	Conflicts []Conflict `json:"conflicts"`
}

type ownList struct {
	Own []Own `json:"own"`
}

var directoryParams = []param{
	{name: "after", kind: paramText, most: 1000, says: "The cursor: next of the page before."},
	limitParam(directoryPage, "How many entries; 100 unless it is said."),
}

// directoryRoutes are for who the customers are.
var directoryRoutes = []route{
	{
		name: "conflicts", method: http.MethodGet, path: "/orgs/{org}/directory_conflicts", permission: schemas.PermissionRead, staff: true,
		summary: "List the domains that several companies claim: none of them gets a meeting by it.", answer: conflictList{}, do: (*api).conflicts,
	},
	{
		name: "own", method: http.MethodGet, path: "/orgs/{org}/own", permission: schemas.PermissionRead, staff: true,
		summary: "List whose domains and addresses are the organisation's own, outside or ignored, and what says so.", answer: ownList{}, do: (*api).own,
	},
	{
		name: "import_directory", method: http.MethodPost, path: "/orgs/{org}/directory_import", permission: schemas.PermissionAdmin, staff: true,
		summary: "Take in a file, one entry a line: the good lines go in, the others are reported.",
		stream:  []string{"application/x-ndjson", "text/csv"}, answer: schemas.ImportReport{}, patience: importPatience, do: (*api).importDirectory,
	},
	{
		name: "directory", method: http.MethodGet, path: "/orgs/{org}/directory/{type}", permission: schemas.PermissionRead, staff: true,
		summary: "List the entries of one type, by rising ids.", params: directoryParams, answer: directoryLines{}, do: (*api).directory,
	},
	{
		name: "directory_entry", method: http.MethodGet, path: "/orgs/{org}/directory/{type}/{entry}", permission: schemas.PermissionRead, staff: true,
		summary: "Tell one entry.", answer: schemas.DirectoryLine{}, do: (*api).directoryEntry,
	},
	{
		name: "put_directory_entry", method: http.MethodPut, path: "/orgs/{org}/directory/{type}/{entry}", permission: schemas.PermissionAdmin, staff: true,
		summary: "Add an entry, or put it in the place of the one that is there; answers what is kept. Earlier meetings find their customers.",
		body:    schemas.DirectoryLine{}, answer: schemas.DirectoryLine{}, do: (*api).putDirectoryEntry,
	},
	{
		name: "remove_directory_entry", method: http.MethodDelete, path: "/orgs/{org}/directory/{type}/{entry}", permission: schemas.PermissionAdmin, staff: true,
		summary: "Remove an entry and the links that hang on it.", do: (*api).removeDirectoryEntry,
	},
}

// sort is the part of the path that names a sort of entries.
func (c *call) sort() string {
	sort := c.segment("type")
	if !slices.Contains(schemas.DirectorySorts, sort) {
		c.fail(invalid("type", "%.40q is none of %s", sort, strings.Join(schemas.DirectorySorts, ", ")))
	}
	return sort
}

func (a *api) directory(ctx context.Context, c *call) (any, error) {
	q := schemas.DirectoryQuery{Org: c.scope().Org, Sort: c.sort(), After: c.text("after"), Limit: c.number("limit", 100)}
	if c.err != nil {
		return nil, c.err
	}
	all, err := a.local.Directory(ctx, q)
	if err != nil {
		return nil, err
	}
	page := directoryLines{Entries: all}
	if len(all) == q.Limit {
		id, _ := all[len(all)-1].Identity()
		page.Next = &id
	}
	return page, nil
}

func (a *api) directoryEntry(ctx context.Context, c *call) (any, error) {
	org, sort, id := c.scope().Org, c.sort(), c.segment("entry")
	if c.err != nil {
		return nil, c.err
	}
	e, found, err := a.Store.DirectoryEntry(ctx, org, sort, id)
	if err == nil && !found {
		err = &NotFound{What: strings.ReplaceAll(sort, "_", " "), Name: id}
	}
	if err != nil {
		return nil, err
	}
	return schemas.LineOf(&e), nil
}

// putDirectoryEntry lets the path say what the body leaves out.
func (a *api) putDirectoryEntry(ctx context.Context, c *call) (any, error) {
	org, sort, id := c.scope().Org, c.sort(), c.segment("entry")
	l := *c.body.(*schemas.DirectoryLine)
	switch {
	case l.Type != "" && l.Type != sort:
		c.fail(invalid("type", "is %.40q, and the address says %s", l.Type, sort))
	case l.Deleted:
		c.fail(invalid("deleted", "is for files: use DELETE"))
	}
	l.Type = sort
	switch sort {
	case schemas.SortCompany, schemas.SortEndUser:
		if l.ID == "" {
			l.ID = id
		}
	case schemas.SortSide, schemas.SortSetting:
		if l.Name == "" {
			l.Name = id
		}
	}
	if l.By == "" && sort == schemas.SortDecision {
		l.By = "token " + c.access.Token
	}
	e, err := l.Entry(org)
	if err != nil {
		c.fail(err)
	} else if _, named, ok := e.Identity(); !ok || named != id {
		c.fail(invalid("id", "is %.140q, and the address says %.140q", named, id))
	}
	if c.err != nil {
		return nil, c.err
	}
	return a.Directory.put(ctx, *e)
}

func (a *api) removeDirectoryEntry(ctx context.Context, c *call) (any, error) {
	org, sort, id := c.scope().Org, c.sort(), c.segment("entry")
	if c.err != nil {
		return nil, c.err
	}
	return nil, a.Directory.remove(ctx, org, sort, id)
}

func (a *api) conflicts(ctx context.Context, c *call) (any, error) {
	org := c.scope().Org
	if c.err != nil {
		return nil, c.err
	}
	all, err := a.local.Conflicts(ctx, org)
	return conflictList{all}, err
}

func (a *api) own(ctx context.Context, c *call) (any, error) {
	org := c.scope().Org
	if c.err != nil {
		return nil, c.err
	}
	all, err := a.local.Own(ctx, org)
	return ownList{all}, err
}

func (a *api) importDirectory(ctx context.Context, c *call) (any, error) {
	org := c.scope().Org
	if c.err != nil {
		return nil, c.err
	}
	if a.Import == nil {
		return nil, errReadOnly
	}
	format := "ndjson"
	if c.kind == "text/csv" {
		format = "csv"
	}
	report, err := a.Import(ctx, org, format, c.stream)
	if err != nil {
		return nil, fmt.Errorf("after %d lines: %w", report.Accepted+report.Refused, err)
	}
	return report, nil
}
