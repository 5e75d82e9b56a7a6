package wiring

import (
	"context"

	"banjian/connectors"
	"banjian/connectors/kafka"
	"banjian/connectors/kafka/topic"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/pipelines"
)

// Brokers is a Kafka connection of the site. Its password is fetched when it is dialled.
func (h *House) Brokers(name string) kafka.Connection {
	c := h.site.Connections[name]
	return kafka.Connection{Name: name, Brokers: c.Brokers, TLS: c.TLS, CAFile: c.CAFile, ServerName: c.ServerName,
		Mechanism: c.SASL, User: c.User, Password: h.fetching(c.Password, "connections", name, "password"), Registry: c.Registry, RegistryUser: c.RegistryUser,
		RegistryPassword: h.fetching(c.RegistryPassword, "connections", name, "registry_password")}
}

// joinTopics adds the way to the topics of a Kafka.
func (h *House) joinTopics(plan *jobs.DeliverPlan, profile *pipelines.Profile) error {
	r := h.site.Receivers[plan.Receiver]
	o := connectors.TopicTargetOptions{Name: plan.Receiver, Identity: h.site.Name + "/" + plan.Identity, Connection: h.Brokers(r.Connection), Profile: profile.Topics, Zone: h.zone}
	for i := range plan.Subjects {
		ps := &profile.Subjects[i]
		plan.Subjects[i].Table = ps.Topic
		key, err := h.keyOf(profile, i)
		if err != nil {
			return err
		}
		o.Topics = append(o.Topics, topic.Topic{Name: ps.Topic, Subject: ps.Subject, Key: key})
	}
	target, err := connectors.OpenTopics(o)
	if err != nil {
		return err
	}
	plan.Target = target
	plan.Ready = func(ctx context.Context) (map[string]error, error) { return nil, target.Check(ctx) }
	return nil
}

// keyOf is the columns of a topic's message key: those of the profile, else the natural
// key of a record that goes as it is, else the row_guid.
func (h *House) keyOf(profile *pipelines.Profile, i int) ([]string, error) {
	ps := &profile.Subjects[i]
	if ps.Mapping != "" && len(ps.Key) == 0 {
		return []string{"row_guid"}, nil
	}
	subject, _ := h.schemas.Subject(ps.Subject)
	if ps.Mapping == "" {
		if len(ps.Key) == 0 {
			return append([]string{"source_id"}, subject.Key...), nil
		}
		for _, name := range ps.Key {
			if subject.Field(name) == nil && name != "row_guid" {
				return nil, profile.Fault(text.F("主题 %[1]s 没有字段 %[2]s", "subject %[1]s has no field %[2]s", ps.Subject, name), text.Text{}, "subjects", i, "key")
			}
		}
		return ps.Key, nil
	}
	data, err := h.Mapping(ps.Mapping, subject)
	if err != nil {
		return nil, err
	}
	for _, name := range ps.Key {
		if to, ok := h.schemas.Subject(data.Subjects()[0]); ok && to.Field(name) == nil && name != "row_guid" && name != "source_id" {
			return nil, profile.Fault(text.F("映射 %[1]s 不产生 %[2]s", "mapping %[1]s does not make %[2]s", ps.Mapping, name), fault.HintOf(err), "subjects", i, "key")
		}
	}
	return ps.Key, nil
}
