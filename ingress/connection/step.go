package connection

import (
	"errors"
	"fmt"

	"leadline/ingress/recorder"
)

// Step is a part of connecting; the closed list is below.
type Step string

// The steps, in their order.
const (
	StepCheck   Step = "check the request"
	StepLook    Step = "look up earlier connections"
	StepProve   Step = "prove the key"
	StepWebhook Step = "create the webhook"
	StepSeal    Step = "seal the secrets"
	StepStore   Step = "store the connection"
)

// StepError says how far a Connect came. What its earlier steps did has been taken back, unless Leaked names a webhook
// that could not be deleted.
type StepError struct {
	Step   Step
	Leaked string
	Err    error
}

func (e *StepError) Error() string {
	text := fmt.Sprintf("connecting: could not %s: %v", e.Step, e.Err)
	if e.Leaked != "" {
		text += fmt.Sprintf("; webhook %q was made and could not be deleted", e.Leaked)
	}
	return text
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Temporary says that the same request may succeed later.
func (e *StepError) Temporary() bool {
	f, ok := errors.AsType[*recorder.Failure](e.Err)
	return ok && f.Temporary() || e.Step == StepStore || e.Step == StepLook && !isAlready(e.Err)
}

func isAlready(err error) bool {
	_, ok := errors.AsType[*AlreadyConnected](err)
	return ok
}

// Advice tells an admin what happened and what to do about it, in one or two sentences. It quotes nothing that the
// recorder said.
func (e *StepError) Advice() string {
	advice := e.advice()
	if e.Leaked != "" {
		advice += fmt.Sprintf(" A webhook (%s) was made and could not be deleted: delete it in the recorder's settings.", e.Leaked)
	}
	return advice
}

func (e *StepError) advice() string {
	if isAlready(e.Err) {
		return "This key is connected to this organisation already, under another name. Nothing was changed."
	}
	if errors.Is(e.Err, ErrErasing) {
		return "What this connection brought before is still being erased. Connect again when that is done; nothing was changed."
	}
	f, failed := errors.AsType[*recorder.Failure](e.Err)
	switch {
	case e.Step == StepCheck:
		return "The request cannot be used: " + e.Err.Error() + "."
	case failed && f.Kind == recorder.Limited:
		return "The recorder says that this key has made too many calls. Wait a minute and connect again; nothing was changed."
	case failed && f.Kind == recorder.Unavailable:
		return "The recorder does not answer, or not as its API should. Check its address, and connect again later; nothing was changed."
	case failed && f.Kind == recorder.Denied && e.Step == StepProve:
		return "The recorder does not accept this key. Either it was mistyped or deleted, or the user whom it belongs to was" +
			" deactivated: make a new key as an active user, and connect with that. Nothing was changed."
	case failed && f.Kind == recorder.Denied:
		return "The key works, but may not make webhooks. Connect with a key of a user who may, or without a public URL to" +
			" get meetings by the hourly poll alone. Nothing was changed."
	case e.Step == StepProve:
		return "The recorder did not understand the check of the key. Check the key for missing characters, and the API's address; nothing was changed."
	case e.Step == StepWebhook:
		return "The key works, but the recorder refused the webhook, most often because it cannot reach the public URL: it has" +
			" to be an https address that is open to the internet. Without a public URL meetings come by the hourly poll. Nothing was changed."
	case e.Step == StepSeal:
		return "The secrets could not be encrypted: check LEADLINE_KEYSET. Nothing was changed."
	default:
		return "The connection could not be stored. Connect again; nothing was changed."
	}
}
