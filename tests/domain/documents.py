"""Account documents for tests: the least one, and one that uses every key."""

from typing import Any

import pytest

from gateway.domain.documents import DocumentError, document_from

LEAST = {"account": "7001", "name": "Northside HVAC", "timezone": "America/New_York"}

FULL = """\
account: "7001"
name: Northside HVAC
timezone: America/New_York
phi: false
contacts:
  ann:
    name: Ann Ames
    phone: "+12025550101"
    sms: "+12025550111"
    email: ann@northside.example
    active: true
    notes: "ring twice\\nthen wait"
    requires_human: true
    pin: 4711
    quiet: "21:00-07:00"
    consent: {voice: true, text: true, at: 2026-01-05, source: signed form}
    phone_limit: {calls: 30, per: 3h}
  bob: {name: Bob Bell, phone: "+12025550102"}
  cho: {name: Cho Cole, phone: +12025550103}
unavailable:
  - {contact: ann, start: 2026-02-02T17:30, end: 2026-02-02T19:00, reason: surgery}
  - {contact: bob, weekly: "Tue 12:00-13:00"}
office:
  hours: "Mon-Fri 08:00-17:00"
  holidays: {calendar: US-TX, also: [2026-12-24], not: [2026-10-12]}
  phone: "+12025550199"
  email: office@northside.example
schedules:
  - name: OnCall
    match: {location: West}
    shifts:
      - {contact: ann, role: oncall, status: call, weekly: "Mon-Sun 17:00-08:00"}
      - {contact: bob, role: backup, status: sms, start: 2026-02-02T17:00, end: 2026-02-03T08:00}
      - rotate: [ann, bob]
        every: 1w
        handoff: Mon 08:00
        from: 2026-01-05
        until: 2026-06-01
        weekly: Sat-Sun
        role: oncall
        status: secure
      - {contact: cho, from: 2026-03-01, until: 2026-03-02T12:00, status: email}
    overrides:
      - {start: 2026-02-07T00:00, end: 2026-02-08T00:00, replace: ann, with: bob}
      - {start: 2026-02-08T00:00, end: 2026-02-09T00:00, add: cho, role: backup, status: sms}
      - {start: 2026-02-09T00:00, end: 2026-02-10T00:00, remove: ann}
      - {start: 2026-02-10T00:00, end: 2026-02-11T24:00, swap: [ann, bob]}
    temporary:
      - start: 2026-12-24T00:00
        end: 2026-12-27T00:00
        shifts: [{contact: bob, role: oncall, status: call}]
  - name: East
    match: {location: East}
permanent: [{contact: cho, status: call}, {contact: bob, status: email}]
protocols:
  - name: urgent
    when: {priority: [emergency, urgent], hours: after, form: [hvac-service]}
    cue: 15m
    limit: 2h
    ring: 25s
    permanent: when_blank
    voicemail: hang_up
    steps:
      - {reach: oncall}
      - {reach: "contact:cho", by: sms, wait: 7m, repeat: 2}
      - {reach: office, by: email, wait: 0s}
    evidence: [key_press, reply_code, read_receipt, human, email_accepted, voicemail]
    hold: office_open
    rotation: one_per_cue
  - {name: office, when: {hours: office}, cue: 1h}
forms:
  hvac-service: {required: [address, callback_number], schedule_field: location, kind: hvac}
deliveries: []
specials: []
notices: {handoff: true, digest: Sun 18:00}
"""


def least(**keys: object) -> dict[str, Any]:
    """Return the least document with these keys added."""
    return {**LEAST, **keys}


def staffed(**keys: object) -> dict[str, Any]:
    """Return a document with ann, bob and cho as contacts, with these keys added."""
    return least(contacts={"ann": {}, "bob": {}, "cho": {}}, **keys)


def faults(document: object) -> list[str]:
    """Return each problem of a document, as `x: field: words`."""
    with pytest.raises(DocumentError) as caught:
        document_from(document, "x")
    return str(caught.value).splitlines()


def fault(document: object) -> str:
    """Return the only problem of a document, as `field: words`."""
    (only,) = faults(document)
    return only.removeprefix("x: ")
