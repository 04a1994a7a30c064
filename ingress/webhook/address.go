package webhook

import (
	"slices"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// target is what the path of a delivery says.
type target struct {
	provider   string
	org        string // empty on the shared path
	connection string
}

// sender is who is counted: the organisation, and of those that share a path the recorder.
func (t target) sender() string {
	if t.org == "" {
		return "/" + t.provider // no organisation's name has a slash
	}
	return t.org
}

// maxChallenge bounds a body that names no account: everybody's secret is tried on it. Zoom's has some 150 bytes.
const maxChallenge = 1 << 10

// refuse says what is wrong with a path, or nil.
func (h *Handler) refuse(of recorder.Deliveries, at target) *answer {
	if at.org == "" {
		if _, shared := of.AccountOf(nil); !shared {
			return refuseUnknown
		}
		return nil
	}
	if schemas.CheckOrg(at.org) != nil {
		return refuseUnknown
	}
	c, known := h.connections.Lookup(at.org, at.provider, at.connection)
	switch {
	case known && c.DisconnectedAt != nil:
		return refuseGone
	case !known || len(c.SealedSecret) == 0:
		return refuseUnknown
	}
	return nil
}

// addressees are the connections that a delivery may be meant for. On the shared path it names an account, which several
// organisations may have connected; a challenge names none, and may be anybody's: then they are everybody. Nothing is
// verified yet.
func (h *Handler) addressees(of recorder.Deliveries, at target, body []byte) (to []schemas.Connection, everybody bool, refused *answer) {
	if at.org != "" {
		c, known := h.connections.Lookup(at.org, at.provider, at.connection)
		if !known || len(c.SealedSecret) == 0 {
			return nil, false, refuseUnknown
		}
		return []schemas.Connection{c}, false, nil
	}
	account, _ := of.AccountOf(body)
	if account == "" && len(body) > maxChallenge {
		return nil, false, refuseUnknown
	}
	ended := false
	to = slices.DeleteFunc(h.connections.All(), func(c schemas.Connection) bool {
		named := c.Provider == at.provider && (account == "" || c.Account == account)
		ended = ended || named && account != "" && c.DisconnectedAt != nil
		return !named || c.DisconnectedAt != nil || len(c.SealedSecret) == 0
	})
	switch {
	case len(to) > 0:
		return to, account == "", nil
	case ended:
		return nil, false, refuseGone
	}
	return nil, false, refuseUnknown
}
