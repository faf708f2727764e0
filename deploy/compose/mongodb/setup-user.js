// Run once by the image, on an empty data directory, before anybody can reach the server.
db.getSiblingDB("admin").createUser({
  user: "setup",
  pwd: fs.readFileSync("/run/secrets/owlbus/setup", "utf8"),
  roles: [{ role: "root", db: "admin" }],
});
