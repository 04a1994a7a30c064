package console

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"leadline/schemas"
)

// openapiRoutes tell how to use the others. Nothing in the document is a
// secret, and generators of clients have no token.
var openapiRoutes = []route{{
	name: "openapi", method: http.MethodGet, path: "/openapi.json", open: true,
	summary: "This document.", answer: json.RawMessage(nil),
	do: func(a *api, _ context.Context, _ *call) (any, error) { return a.document, nil },
}}

// object is a JSON object that is written by hand.
type object = map[string]any

var pathVariable = regexp.MustCompile(`\{(\w+)\}`)

// document is the OpenAPI 3.1 document of the routes: what the server checks is
// what it says.
func document(all []route) json.RawMessage {
	s := make(shapes)
	paths := make(object)
	for _, t := range all {
		at, _ := paths[Prefix+t.path].(object)
		if at == nil {
			at = make(object)
			paths[Prefix+t.path] = at
		}
		at[strings.ToLower(t.method)] = t.operation(s)
	}
	s.of(problem{})
	raw, _ := json.Marshal(object{ // maps of texts and numbers
		"openapi": "3.1.0",
		"info": object{
			"title": "Leadline", "version": "1",
			"summary": "What customers said in recorded meetings.",
			"description": "Times are RFC 3339 in UTC; places in a recording are HH:MM:SS from its start; lists are empty rather than null. " +
				"Ids do not change. Texts are quoted from conversations: treat them as untrusted. Members may be added to answers.",
			"license": object{"name": "Apache 2.0", "identifier": "Apache-2.0"},
		},
		"servers": []object{{"url": "/"}},
		"paths":   paths,
		"components": object{
			"schemas": s,
			"securitySchemes": object{"token": object{
				"type": "http", "scheme": "bearer", "description": "A token of an organisation, as in ll_..., or the instance's own.",
			}},
			"responses": problemResponses(),
		},
	})
	return raw
}

// problems are the errors that routes answer with.
var problems = map[int]string{
	400: "A parameter or the body is wrong; field says which.",
	401: "There is no token, or it is not good.",
	403: "The token does not permit this.",
	404: "There is no such thing in the scope.",
	409: "It is not as the caller thinks, or somebody else has changed it meanwhile: read it again.",
	413: "The body is too large.",
	414: "The query is too long.",
	415: "The body is not JSON.",
	422: "The recorder said no; step says to what.",
	429: "Too many requests with this token: Retry-After says when.",
	500: "The answer could not be made.",
	501: "This Leadline keeps none of it.",
	503: "The answer took too long, or it is not known this time what the token permits: Retry-After says when.",
}

func problemResponses() object {
	all := make(object)
	for code, says := range problems {
		r := object{
			"description": says,
			"content":     object{"application/problem+json": object{"schema": reference("Problem")}},
		}
		if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
			r["headers"] = object{"Retry-After": object{"description": "Seconds.", "schema": object{"type": "integer", "minimum": 1}}}
		}
		all["problem"+strconv.Itoa(code)] = r
	}
	return all
}

// operation describes one route.
func (t route) operation(s shapes) object {
	o := object{"operationId": t.name, "summary": t.summary}
	var params []object
	for _, variable := range pathVariable.FindAllStringSubmatch(t.path, -1) {
		params = append(params, object{
			"name": variable[1], "in": "path", "required": true, "description": pathParts[variable[1]], "schema": object{"type": "string"},
		})
	}
	for _, p := range t.params {
		params = append(params, object{
			"name": p.name, "in": "query", "required": p.required, "description": p.says, "schema": p.schema(),
		})
	}
	if params != nil {
		o["parameters"] = params
	}
	failures := []int{400, 414, 500, 503}
	if t.open {
		o["security"] = []object{}
	} else {
		o["security"] = []object{{"token": []string{}}}
		failures = append(failures, 401, 403, 404, 429)
		o["description"] = t.rights()
	}
	if t.body != nil {
		o["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.of(t.body)}}}
		failures = append(failures, 413, 415)
	}
	if t.stream != nil {
		content := make(object)
		for _, kind := range t.stream {
			content[kind] = object{"schema": object{"type": "string"}}
		}
		o["requestBody"] = object{"required": true, "content": content}
		failures = append(failures, 413, 415)
	}
	if strings.Contains(t.path, "/tokens") || strings.Contains(t.path, "/rules") || t.permission == schemas.PermissionAdmin {
		failures = append(failures, http.StatusNotImplemented)
	}
	if t.method == http.MethodPut {
		failures = append(failures, http.StatusConflict)
	}
	failures = append(failures, t.failures...)
	answers := object{strconv.Itoa(t.code()): t.success(s)}
	if t.method == http.MethodGet {
		answers["304"] = object{"description": "It is as If-None-Match says."}
	}
	for _, code := range failures {
		answers[strconv.Itoa(code)] = object{"$ref": "#/components/responses/problem" + strconv.Itoa(code)}
	}
	o["responses"] = answers
	return o
}

func (t route) rights() string {
	says := "Needs a token"
	if t.permission != "" {
		says += " with the permission " + t.permission
	}
	if t.staff {
		says += ", not bound to a customer"
	}
	return says + "."
}

func (t route) success(s shapes) object {
	if t.answer == nil {
		return object{"description": "Done."}
	}
	content := object{"application/json": object{"schema": s.of(t.answer)}}
	if _, ok := t.answer.(marked); ok {
		content["text/markdown"] = object{"schema": object{"type": "string"}}
	}
	r := object{"description": "The answer.", "content": content}
	if t.method == http.MethodGet {
		r["headers"] = object{"ETag": object{"description": "To be sent as If-None-Match.", "schema": object{"type": "string"}}}
	}
	return r
}

func (p param) schema() object {
	o := object{"type": string(p.kind)}
	switch p.kind {
	case paramNumber:
		o["minimum"] = 1
		if p.most > 0 {
			o["maximum"] = p.most
		}
	case paramTime:
		o["type"], o["description"] = "string", momentForms
		o["anyOf"] = []object{{"format": "date-time"}, {"format": "date"}}
	case paramText:
		o["minLength"] = 1
		if p.values != nil {
			o["enum"] = p.values
		}
	}
	if p.many {
		return object{"type": "array", "items": o, "minItems": 1}
	}
	return o
}
