"""Rule packs as data and the working calendar.

- `shared.rules.loader`: `pack(id)`, `packs()`, `pack_hash(id, service)`, `calendar(name)`
- `shared.rules.pack`: `Pack` and its sections, one module per service
- `shared.rules.rule`: `Rule`, `Term`, `Scale`, `Kind` and the other value types
- `shared.rules.calendar`: `Calendar`, `Pause`, pure arithmetic of days
- `packs/`, `calendars/`, `packs.lock`: the data, and the hashes that freeze it
"""
