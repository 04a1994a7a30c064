package main

import (
	"net/http"
	"strings"

	"leadline/deploy/boot"
	"leadline/ingress/admin"
	"leadline/ingress/connection"
	"leadline/ingress/erasure"
)

// administration is the API of connections beside that of reading, with the roles that it needs.
func (p *plant) administration(table *connection.Table, sealer *connection.Sealer, token, publicURL string, reading http.Handler) (
	http.Handler, *connections, []boot.Role,
) {
	cursors := connection.NewCursors(p.connectionOptions())
	connector := connection.NewConnector(p.connectionOptions(), p.recorders, table, sealer, nil)
	changing := admin.New(admin.Options{
		Connector: connector, Table: table, Cursors: cursors, Token: token, PublicURL: publicURL, Log: p.log, Metrics: p.registry,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// /api/v1/orgs/{org}/connections and below; an organisation's name holds no slash.
		parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/api/v1/orgs/"), "/", 3)
		if len(parts) > 1 && parts[1] == "connections" {
			changing.ServeHTTP(w, r)
			return
		}
		reading.ServeHTTP(w, r)
	}), &connections{connector, table, cursors, publicURL}, []boot.Role{{Name: "sync cursors", Run: cursors.Run, Ready: cursors.Ready}}
}

// upkeep looks after connections in a process that may call recorders.
func (p *plant) upkeep(connector *connection.Connector, table *connection.Table) boot.Role {
	u := &connection.Upkeep{
		Connector: connector, Table: table, Eraser: &erasure.Eraser{Options: p.connectionOptions(), Connections: table},
	}
	return boot.Role{Name: "upkeep", Run: u.Run}
}
