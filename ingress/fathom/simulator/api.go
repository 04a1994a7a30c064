package simulator

import (
	"net/http"

	"github.com/gorilla/mux"
)

// api routes what is below BasePath. Paths are matched as they are encoded and never cleaned: a cleaned path would
// answer 301, which no page of Fathom mentions.
func (s *Simulator) api() http.Handler {
	router := mux.NewRouter().UseEncodedPath().SkipClean(true)
	router.NotFoundHandler = http.HandlerFunc(notFound)
	router.MethodNotAllowedHandler = http.HandlerFunc(notAllowed)

	// Whole paths and no subrouter: with one, gorilla/mux 1.8.1 answers 404 where 405 is due, because the prefix that a
	// later route shares makes it forget that an earlier one failed by its method alone.
	router.HandleFunc(BasePath+"/meetings", s.listMeetings).Methods(http.MethodGet)
	router.HandleFunc(BasePath+"/recordings/{id}/transcript", s.getTranscript).Methods(http.MethodGet)
	router.HandleFunc(BasePath+"/recordings/{id}/summary", s.getSummary).Methods(http.MethodGet)
	router.HandleFunc(BasePath+"/webhooks", s.createWebhook).Methods(http.MethodPost)
	router.HandleFunc(BasePath+"/webhooks/{id}", s.deleteWebhook).Methods(http.MethodDelete)
	router.HandleFunc(BasePath+"/meeting_types", s.listMeetingTypes).Methods(http.MethodGet)
	router.HandleFunc(BasePath+"/teams", s.listTeams).Methods(http.MethodGet)
	router.HandleFunc(BasePath+"/team_members", s.listTeamMembers).Methods(http.MethodGet)
	return router
}
