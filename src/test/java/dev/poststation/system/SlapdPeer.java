package dev.poststation.system;

import com.unboundid.ldap.sdk.LDAPConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A private OpenLDAP on two ports of 127.0.0.1, with and without TLS. As some administrators have
/// it, it takes a bind without a password as nobody's, and says that it succeeded.
///
/// The relay's account, `cn=relay,dc=example,dc=com` with the password `secret`, sees people and
/// the groups below `ou=groups`, not those below `ou=hidden`.
final class SlapdPeer implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      include @SCHEMA@/core.schema
      include @SCHEMA@/cosine.schema
      include @SCHEMA@/nis.schema
      include @SCHEMA@/inetorgperson.schema
      attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch
        SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
      objectclass ( 1.3.6.1.4.1.99999.1 NAME 'exchangeUser' SUP top AUXILIARY MAY proxyAddresses )
      modulepath @MODULES@
      moduleload back_mdb
      moduleload memberof
      pidfile @HOME@/slapd.pid
      argsfile @HOME@/slapd.args
      TLSCertificateFile @HOME@/chain.pem
      TLSCertificateKeyFile @HOME@/key.pem
      allow bind_anon_cred bind_anon_dn
      database mdb
      suffix "dc=example,dc=com"
      rootdn "cn=admin,dc=example,dc=com"
      rootpw admin
      directory @HOME@/db
      maxsize 16777216
      access to attrs=userPassword by anonymous auth by * none
      access to dn.subtree="ou=hidden,dc=example,dc=com" by * none
      access to * by dn.exact="cn=relay,dc=example,dc=com" read by * none
      overlay memberof
      """;

  private static final String PEOPLE =
      """
      dn: dc=example,dc=com
      objectClass: dcObject
      objectClass: organization
      dc: example
      o: Example

      dn: ou=people,dc=example,dc=com
      objectClass: organizationalUnit
      ou: people

      dn: ou=groups,dc=example,dc=com
      objectClass: organizationalUnit
      ou: groups

      dn: ou=hidden,dc=example,dc=com
      objectClass: organizationalUnit
      ou: hidden

      dn: cn=relay,dc=example,dc=com
      objectClass: person
      cn: relay
      sn: relay
      userPassword: secret

      dn: uid=anna,ou=people,dc=example,dc=com
      objectClass: inetOrgPerson
      objectClass: exchangeUser
      uid: anna
      cn: Anna
      sn: A
      mail: anna@example.com
      proxyAddresses: SMTP:anna@example.com
      proxyAddresses: smtp:info@example.com
      proxyAddresses: X500:/o=Example/cn=anna
      userPassword: garden

      dn: uid=berta,ou=people,dc=example,dc=com
      objectClass: inetOrgPerson
      uid: berta
      cn: Berta
      sn: B
      mail: berta@example.com
      userPassword: hedge

      dn: uid=carla,ou=people,dc=example,dc=com
      objectClass: inetOrgPerson
      uid: carla
      cn: Carla
      sn: C
      userPassword: rose

      dn: uid=dora,ou=people,dc=example,dc=com
      objectClass: inetOrgPerson
      uid: dora
      cn: Dora
      sn: D
      displayName: dora@house.test
      mail: dora.d@example.com
      userPassword: fence

      dn: cn=mailers,ou=groups,dc=example,dc=com
      objectClass: groupOfNames
      cn: mailers
      member: uid=anna,ou=people,dc=example,dc=com

      dn: cn=unix,ou=groups,dc=example,dc=com
      objectClass: posixGroup
      cn: unix
      gidNumber: 100
      memberUid: berta
      """;

  private final Home home;
  private final Path config;
  private final int port;
  private final int tlsPort;
  private Program program;

  private SlapdPeer(Home home, Path config, int port, int tlsPort) {
    this.home = home;
    this.config = config;
    this.port = port;
    this.tlsPort = tlsPort;
    start();
  }

  /// Starts one with the people above.
  static SlapdPeer withPeople() {
    Home home = Home.create("slapd");
    Certificate.in(home.path());
    Path config =
        home.write(
            "slapd.conf",
            CONFIGURATION,
            Map.of(
                "HOME", home.path().toString(),
                "SCHEMA", Peers.file("etc/ldap/schema").toString(),
                "MODULES", Peers.file("usr/lib/ldap").toString()));
    Path people = home.write("people.ldif", PEOPLE, Map.of());
    if (!home.path().resolve("db").toFile().mkdir()) {
      throw new AssertionError("no directory can be made in " + home.path());
    }
    Program.run(
        List.of(
            Peers.program("slapadd"), "-f", config.toString(), "-l", people.toString(), "-n", "1"));
    return new SlapdPeer(home, config, Port.free(), Port.free());
  }

  /// Starts it again with what it has.
  void start() {
    program =
        Program.start(
            List.of(
                Peers.program("slapd"),
                "-d",
                "stats",
                "-f",
                config.toString(),
                "-h",
                "ldap://127.0.0.1:%d ldaps://127.0.0.1:%d".formatted(port, tlsPort)));
    Port.awaitListening(program, tlsPort);
  }

  void stop() {
    program.terminate();
    program.awaitExit(Duration.ofSeconds(20));
  }

  /// The passwords that somebody has tried with it so far, as its log has them: without them.
  List<String> binds() {
    return program
        .output()
        .lines()
        .filter(line -> line.matches(".* BIND dn=.* method=.*"))
        .toList();
  }

  /// What was looked for in it so far, as its log has it.
  List<String> searches() {
    return program.output().lines().filter(line -> line.contains(" SRCH base=")).toList();
  }

  int port() {
    return port;
  }

  int tlsPort() {
    return tlsPort;
  }

  /// Its certificate, which is its own authority.
  Path authority() {
    return home.path().resolve("chain.pem");
  }

  /// Adds an entry, as LDIF.
  void add(String... lines) throws Exception {
    try (var connection =
        new LDAPConnection("127.0.0.1", port, "cn=admin,dc=example,dc=com", "admin")) {
      connection.add(lines);
    }
  }

  /// Changes one, as LDIF.
  void modify(String... lines) throws Exception {
    try (var connection =
        new LDAPConnection("127.0.0.1", port, "cn=admin,dc=example,dc=com", "admin")) {
      connection.modify(lines);
    }
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
