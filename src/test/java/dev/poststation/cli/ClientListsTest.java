package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `client export` and `client import`.
class ClientListsTest {
  private static final LocalDate TODAY = LocalDate.parse("2026-11-24");

  private static final String BASE =
      """
      hostname = "relay.example.com"
      data = "data"
      listeners { relay { bind = "127.0.0.1:0" } }
      admin { bind = "127.0.0.1:0" }
      connectors { internet { type = mx } }
      routes = [ { via = [internet] } ]
      clients = [
        { name = lan, networks = ["10.0.0.0/8", "10.1.0.0/16", "2001:db8:1::/48"], comment = "all, \\"floors\\"" }
        { name = exchange, networks = ["10.0.0.10", "192.0.2.1"], owner = "mail team", expires = "2027-12-31" }
        { name = gone, networks = ["192.0.2.200"], expires = "2026-11-23" }
        { name = staff, users = ["*"] }
      ]
      """;

  @TempDir Path directory;

  private Loaded.Good loaded(String text) {
    var loaded = new Loader(Os.real(), Map.of()).parse(text, directory.resolve("poststation.conf"));
    if (loaded instanceof Loaded.Good good) {
      return good;
    }
    throw new IllegalArgumentException(loaded.problems().toString());
  }

  private List<ClientRule> rules(String text) {
    return loaded(text).configuration().clients();
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  // --- export ---

  @Test
  void setsForTheFirewallHaveEachAddressOnce() {
    var sources = ClientExportCommand.sources(loaded(BASE), new ScriptedResolver(), TODAY);

    assertThat(new Nftables("poststation", "clients").text(sources))
        .isEqualTo(
            """
            # Clients of Poststation: load it with nft -f.
            # Not here, for they may come from anywhere: staff.
            table inet poststation {
            	set clients4 {
            		type ipv4_addr
            		flags interval
            	}
            	set clients6 {
            		type ipv6_addr
            		flags interval
            	}
            }
            flush set inet poststation clients4
            add element inet poststation clients4 {
            	10.0.0.0/8,
            	192.0.2.1/32
            }
            flush set inet poststation clients6
            add element inet poststation clients6 {
            	2001:db8:1::/48
            }
            """);
  }

  @Test
  void whoseProviderPublishesItsNetworksComesNotFromAnywhere() {
    String google = "{ name = google, peer = google, senders = [\"@example.com\"] }";
    var sources =
        ClientExportCommand.sources(
            loaded(BASE + "clients = [ " + google + " ]"), new ScriptedResolver(), TODAY);

    assertThat(new Nftables("poststation", "clients").text(sources))
        .startsWith(
            """
            # Clients of Poststation: load it with nft -f.
            # Not here, for their provider (peer) publishes their networks, and changes them: google.
            table inet poststation {
            """);
  }

  @Test
  void ofAHostItIsTodaysAddresses() {
    var loaded =
        loaded(
            BASE
                + "clients = [ { name = branch, host = [\"branch.example.net\", \"no.example.net\"]"
                + " } ]");
    var resolver = new ScriptedResolver().address("branch.example.net", "192.0.2.9", "2001:db8::9");

    var sources = ClientExportCommand.sources(loaded, resolver, TODAY);

    assertThat(sources.anywhere()).isEmpty();
    assertThat(sources.networks().stream().map(Object::toString))
        .containsExactlyInAnyOrder("192.0.2.9/32", "2001:db8::9/128");
  }

  @Test
  void whenTheDnsDoesNotAnswerThereIsNoListRatherThanOneThatLacksSomebody() {
    var loaded = loaded(BASE + "clients = [ { name = branch, host = [\"branch.example.net\"] } ]");
    var resolver = new ScriptedResolver().fail("branch.example.net", "SERVFAIL");

    assertThatThrownBy(() -> ClientExportCommand.sources(loaded, resolver, TODAY))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.exit()).isEqualTo(Exit.NO);
              assertThat(failure.message()).contains("branch.example.net", "nothing was written");
            });
  }

  @Test
  void whatIsExportedAsCsvCanBeImported() throws Exception {
    Path config = file("poststation.conf", BASE.replace("2026-11-23", "2020-01-01"));
    var exported = Ran.with(config, "client export --format csv");
    assertThat(exported.exit()).isZero();
    assertThat(exported.out())
        .isEqualTo(
            "name,network,comment,owner,expires\r\n"
                + "lan,10.0.0.0/8,\"all, \"\"floors\"\"\",,\r\n"
                + "lan,10.1.0.0/16,\"all, \"\"floors\"\"\",,\r\n"
                + "lan,2001:db8:1::/48,\"all, \"\"floors\"\"\",,\r\n"
                + "exchange,10.0.0.10/32,,mail team,2027-12-31\r\n"
                + "exchange,192.0.2.1/32,,mail team,2027-12-31\r\n");
    assertThat(exported.err()).contains("may come from anywhere: staff.");

    var imported = imported("clients.csv", "csv", exported.out());

    assertThat(imported.out())
        .contains(
            "{ name = \"lan\", networks = [\"10.0.0.0/8\", \"10.1.0.0/16\", \"2001:db8:1::/48\"],"
                + " comment = \"all, \\\"floors\\\"\" }",
            "owner = \"mail team\", expires = \"2027-12-31\" }");
  }

  /// Whoever imported them would let in by the address alone.
  @Test
  void aTableHasNoEntryThatAsksForMoreThanTheAddress() throws Exception {
    String fingerprint = "sha256:" + "9f".repeat(32);
    Path config =
        file(
            "poststation.conf",
            BASE
                + "clients = ${clients} [\n"
                + "{ name = partner, networks = [\"192.0.2.7\"], certificates = [\""
                + fingerprint
                + "\"] }\n{ name = night, networks = [\"192.0.2.8\"], users = [anna], tls ="
                + " required, hours = [\"22:00-06:00\"] }\n"
                + "{ name = erp, networks = [\"192.0.2.9\"], senders = [\"@example.com\"],"
                + " hide-address = off }\n"
                + "{ name = hub, networks = [\"192.0.2.10\"], exchange = [\"example.com\"],"
                + " bare-newlines = normalise, profile = learn, hide-address = on,"
                + " bulk { recipients = 10 } } ]\n");

    var exported = Ran.with(config, "client export --format csv");
    assertThat(exported.out()).contains("erp,192.0.2.9/32").doesNotContain("partner", "night");
    assertThat(exported.err())
        .contains(
            "Not here, for they ask for more than the address, and a table cannot say that: partner"
                + " (certificates), night (users, tls, hours).",
            "Here without these keys, which a table cannot say (see client import --terms): erp"
                + " (senders), hub (bare-newlines, hide-address, bulk, profile, exchange).")
        .doesNotContain("lan (");

    var sets = Ran.with(config, "client export --format nftables");
    assertThat(sets.err()).isEmpty();
    assertThat(sets.out())
        .contains("192.0.2.7/32", "192.0.2.8/32")
        .contains(
            "# The relay asks for more than these addresses: partner (certificates), night (users,"
                + " tls, hours).\n");
    assertThat(Ran.with(config, "client export --format csv --json").out())
        .contains("\"besidesAddress\"", "\"partner\" : [ \"certificates\" ]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "client export                                   | --format",
        "client export --format iptables                 | none of nftables, csv",
        "client export --format nftables --set a-b       | no name for nft",
        "client import --format csv                      | FILE"
      })
  void aMistakeIsOneSentence(String line, String said) throws Exception {
    var ran = Ran.with(file("poststation.conf", BASE), line.strip().replaceAll(" +", " "));
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err()).contains(said).doesNotContain("\tat ");
  }

  @Test
  void withoutACommandItIsSaidWhereTheyAre() {
    assertThat(Ran.plain("client").err()).contains("Which command of client?");
  }

  // --- import ---

  private Ran imported(String name, String format, String text) throws IOException {
    return Ran.plain("client import --format " + format + " " + file(name, text));
  }

  @Test
  void aTableBecomesEntriesThatCheckIsContentWith() throws Exception {
    var ran =
        imported(
            "clients.csv",
            "csv",
            "\uFEFFName,Network,Comment,Owner,Expires\r\n"
                + "printers,10.0.20.0/24,\"floor 1,\r\nfloor 2\",\"the \"\"facility\"\"\",\r\n"
                + "\r\n"
                + "erp,10.0.30.7,$ {x} # no comment,,2099-12-31\r\n"
                + "printers,2001:db8:20::/64,,,\r\n");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.exit()).isZero();
    assertThat(ran.out())
        .endsWith(
            """
            clients = ${?clients} [
              { name = "printers", networks = ["10.0.20.0/24", "2001:db8:20::/64"], comment = "floor 1, floor 2", owner = "the \\"facility\\"" }
              { name = "erp", networks = ["10.0.30.7"], comment = "$ {x} # no comment", expires = "2099-12-31" }
            ]
            """);

    file("imported.conf", ran.out());
    Path config =
        file(
            "poststation.conf",
            BASE.replaceAll(
                    "(?s)clients = .*",
                    "clients = [ { name = exchange, networks = [\"10.0.0.10\"] } ]")
                + "\ninclude \"imported.conf\"\n");
    var checked = Ran.with(config, "check");
    assertThat(checked.out()).contains("is good").doesNotContain("arning");
    assertThat(rules(Files.readString(config)))
        .extracting(ClientRule::name)
        .containsExactly("exchange", "printers", "erp");
    var wrong = Ran.with(file("wrong.conf", Files.readString(config) + "\nhostnam = x"), "check");
    assertThat(wrong.exit()).isEqualTo(Exit.WRONG);
  }

  @Test
  void anImportedListCanStandAlone() throws Exception {
    file("imported.conf", imported("clients.csv", "csv", "name;network\nerp;10.0.30.7\n").out());
    String config = BASE.replaceAll("(?s)clients = .*", "") + "include \"imported.conf\"\n";
    assertThat(rules(config)).extracting(ClientRule::name).containsExactly("erp");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '%',
      value = {
        "%%                                     | line 1: the file is empty",
        "name,netwrok\\n"
            + "                        | line 1: there is no column \"netwrok\": known are name,"
            + " network",
        "name,comment\\n"
            + "                        | line 1: the columns name and network must be there",
        "name,name,network\\n                   | line 1: a column is there twice",
        "name,network\\nerp,10.0.0.7,x\\n       | line 2: 3 columns, where the first line has 2",
        "name,network\\n\\nerp,10.0.0.300\\n    | line 3: network \"10.0.0.300\" is no network",
        "name,network\\n"
            + "erp,10.0.0.7/8\\n"
            + "       | line 2: network \"10.0.0.7/8\" is an address within a network",
        "name,network\\ne r p,10.0.0.7\\n       | line 2: name \"e r p\" has a space",
        "name,network,expires\\n"
            + "erp,10.0.0.7,31.12.2027\\n"
            + " | line 2: expires \"31.12.2027\" is no date",
        "name,network\\n\"erp,10.0.0.7\\n       | line 2: a quoted cell begins here and never ends",
        "name,network\\n\"erp\"x,10.0.0.7\\n    | line 2: text behind a quoted cell",
        "name,network\\ne\"rp,10.0.0.7\\n       | line 2: a quote within a cell",
        "name,network,owner\\n"
            + "erp,10.0.0.7,a\\n"
            + "erp,10.0.0.8,b\\n"
            + " | line 3: the rows of one name make one entry, and these have two owners: \"a\" and"
            + " \"b\"",
        "name,network\\n"
            + "erp,10.0.0.7\\n"
            + "erp,10.0.0.7\\n"
            + " | line 3: erp has the network 10.0.0.7 already"
      })
  void whatIsWrongInATableIsToldWithItsLine(String text, String said) throws Exception {
    var ran = imported("wrong.csv", "csv", text == null ? "" : text.replace("\\n", "\n"));

    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("wrong.csv, " + said).contains("Nothing was written.");
  }

  @Test
  void allLinesThatAreWrongAreTold() throws Exception {
    var ran = imported("wrong.csv", "csv", "name,network\na b,10.0.0.1\nc,10.0.0.2\nd,10\ne\n");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err().lines())
        .hasSize(4)
        .anyMatch(line -> line.contains("wrong.csv, line 2: name \"a b\" has a space"))
        .anyMatch(line -> line.contains("wrong.csv, line 4: network \"10\" is no network"))
        .anyMatch(line -> line.contains("wrong.csv, line 5: 1 column, where"))
        .endsWith("Nothing was written.");

    var cells =
        imported(
            "cells.csv",
            "csv",
            "name,network,owner\nc,10.0.0.1,\"a\nb\"\nc,10.0.0.2,d\ne,10.0.0.3,\n");
    assertThat(cells.err().lines())
        .as("line ends within a cell begin no other one")
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .endsWith("these have two owners: \"a?b\" and \"d\". Nothing was written."));

    var many = imported("many.csv", "csv", "name,network\n" + "a,b\n".repeat(30));
    assertThat(many.err().lines()).hasSize(22).contains("So are 10 more.");
  }

  @Test
  void aFileThatIsNoTextOrNotThereIsToldSo() throws Exception {
    Files.write(
        directory.resolve("latin.csv"), "name,n\u00e4".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(Ran.plain("client import --format csv " + directory.resolve("latin.csv")).err())
        .contains("no text in UTF-8");
    assertThat(Ran.plain("client import --format csv " + directory.resolve("none.csv")).err())
        .contains("There is no file");
    assertThat(imported("a.csv", "tsv", "").err()).contains("none of csv, dhcp-leases");
  }

  private static final String ISC =
      """
      # The format of this file is documented in the dhcpd.leases(5) manual page.
      authoring-byte-order little-endian;
      server-duid "\\000\\001}\\";";

      lease 10.0.20.5 {
        starts 2 2020/11/24 08:00:00;
        ends 2 2020/11/24 20:00:00;
        binding state active;
        hardware ethernet 00:11:22:33:44:55;
        client-hostname "old name";
      }
      lease 10.0.20.7 {
        ends never;
        binding state active;
        next binding state free;
        hardware ethernet 00:11:22:33:44:77;
        set vendor-class-identifier = "HP; LaserJet {";
        client-hostname "Printer_3.example.com";
        on expiry { log (info, "gone"); }
      }
      lease 10.0.20.8 { ends 4 2099/11/26 22:00:00; binding state free; }
      lease 10.0.20.10 {
        ends epoch 4000000000;
        binding state active;
        hardware ethernet 00:11:22:33:44:10;
        client-hostname "printer-3";
      }
      lease 10.0.20.5 {
        ends 2 2099/11/24 20:00:00;
        binding state active;
        hardware ethernet 00:11:22:33:44:55;
      }
      ia-na "\\000" {
        cltt 2 2026/11/24 08:00:00;
        iaaddr 2001:db8::5 {
          binding state active;
          ends 2 2099/11/24 20:00:00;
        }
      }
      """;

  @Test
  void leasesOfIscThatRunBecomeEntries() throws Exception {
    var ran = imported("dhcpd.leases", "dhcp-leases", ISC);

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .endsWith(
            """
            clients = ${?clients} [
              { name = "lease-10-0-20-5", networks = ["10.0.20.5"], comment = "00:11:22:33:44:55" }
              { name = "printer-3-10-0-20-7", networks = ["10.0.20.7"], comment = "00:11:22:33:44:77" }
              { name = "printer-3-10-0-20-10", networks = ["10.0.20.10"], comment = "00:11:22:33:44:10" }
              { name = "lease-2001-db8-5", networks = ["2001:db8::5"] }
            ]
            """);
    assertThat(rules(BASE.replaceAll("(?s)clients = .*", "") + ran.out())).hasSize(4);
  }

  @Test
  void leasesOfKeaThatRunBecomeEntries() throws Exception {
    String text =
        """
        address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
        10.0.20.5,00:11:22:33:44:55,,3600,1000,1,0,0,old,0,,0
        10.0.20.6,00:11:22:33:44:66,01:00,3600,4000000000,1,0,0,scanner.example.com.,0,{"a":1&#x2c"b":2},0
        10.0.20.7,00:11:22:33:44:77,,3600,4000000000,1,0,0,gone,0,,0
        10.0.20.7,00:11:22:33:44:77,,3600,4000000000,1,0,0,gone,2,,0
        10.1.20.7,00:11:22:33:44:88,,3600,4000000000,1,0,0,,0,,0
        """;
    Path file = file("kea.csv", text.replace("{\"a\":1&#x2c\"b\":2}", ""));

    assertThat(Ran.plain("client import --format dhcp-leases " + file).out())
        .contains("name = \"scanner\", networks = [\"10.0.20.6\"], comment = \"00:11:22:33:44:66\"")
        .contains("lease-10-1-20-7")
        .doesNotContain("old", "gone");
    assertThat(Ran.plain("client import --format dhcp-leases --within 10.0.20.0/24 " + file).out())
        .contains("scanner")
        .doesNotContain("10.1.20.7");
    assertThat(Ran.plain("client import --format dhcp-leases --within all " + file).err())
        .contains("--within: network \"all\" is no network");
    var nothing = Ran.plain("client import --format dhcp-leases --within 10.9.0.0/24 " + file);
    assertThat(nothing.err())
        .isEqualTo("There was nothing to import: no lease that runs is in 10.9.0.0/24.\n");
    assertThat(nothing.exit()).isEqualTo(Exit.OK);
    assertThat(
            Ran.plain(
                    "client import --format dhcp-leases --within 10.0.20.0/24 --terms senders=any "
                        + file)
                .out())
        .contains(", comment = \"00:11:22:33:44:66\", senders=any }");
  }

  @Test
  void leasesOfKeaForIpv6LeaveOutPrefixes() throws Exception {
    String text =
        """
        address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state
        2001:db8::5,00:01,3600,4000000000,1,1800,0,1,128,0,0,scanner,,0
        2001:db8:1::,00:01,3600,4000000000,1,1800,2,1,56,0,0,,,0
        """;
    assertThat(Leases.entries(Leases.read(text, Instant.now()), null))
        .singleElement()
        .satisfies(entry -> assertThat(entry.networks()).containsExactly("2001:db8::5"));
  }

  @Test
  void leasesOfDnsmasqThatRunBecomeEntries() throws Exception {
    var ran =
        imported(
            "dnsmasq.leases",
            "dhcp-leases",
            """
            4000000000 00:17:c8:12:34:56 10.0.20.5 KM-Copier 01:00:17:c8:12:34:56
            1000 00:11:22:33:44:66 10.0.20.6 old *
            0 00:11:22:33:44:77 10.0.20.7 * ff:22:33:44:77:00:01:00:01
            4000000000 06-00:11:22:33:44:88 10.0.20.8 scanner.example.com *
            duid 00:01:00:01:2a:bc:de:f0:52:54:00:12:34:56
            4000000000 3356790 2001:db8::5 KM-Copier 00:03:00:01:00:17:c8:12:34:56
            4000000000 T3356790 2001:db8::6 * 00:03:00:01:00:17:c8:12:34:56
            """);

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .endsWith(
            """
            clients = ${?clients} [
              { name = "km-copier-10-0-20-5", networks = ["10.0.20.5"], comment = "00:17:c8:12:34:56" }
              { name = "lease-10-0-20-7", networks = ["10.0.20.7"], comment = "00:11:22:33:44:77" }
              { name = "scanner", networks = ["10.0.20.8"], comment = "06-00:11:22:33:44:88" }
              { name = "km-copier-2001-db8-5", networks = ["2001:db8::5"], comment = "00:03:00:01:00:17:c8:12:34:56" }
              { name = "lease-2001-db8-6", networks = ["2001:db8::6"], comment = "00:03:00:01:00:17:c8:12:34:56" }
            ]
            """);
    assertThat(rules(BASE.replaceAll("(?s)clients = .*", "") + ran.out())).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 00:11:22:33:44:55 10.0.0.3 a *;4000000000 00:11:22:33:44:55 10.0.0.3 a"
            + " | line 2: a lease of dnsmasq has five words: expiry, hardware address,",
        "0 00:11:22:33:44:55 10.0.0.300 a *     | line 1: \"10.0.0.300\" is no address",
        "duid 00:01;never 7 2001:db8::5 a 00:03 | line 2: the expiry \"never\" is no number",
        "0 00:11:22:33:44:55 10.0.0.3 a *;lease | line 2: a lease of dnsmasq has five words"
      })
  void whatIsWrongInLeasesOfDnsmasqIsToldWithItsLine(String text, String said) throws Exception {
    var ran = imported("dnsmasq.leases", "dhcp-leases", text.replace(';', '\n'));
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("dnsmasq.leases, " + said).contains("Nothing was written.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lease 10.0.0.300 { }              | line 1: \"10.0.0.300\" is no address",
        "lease 10.0.0.3 { ends soon; }     | line 1: there is no time",
        "lease 10.0.0.3 { ends never;      | line 1: this lease never ends",
        "address,state                     | line 1: there is no column expire",
        "dear all                          | line 1: this is no file of leases"
      })
  void whatIsWrongInLeasesIsToldWithItsLine(String text, String said) throws Exception {
    var ran = imported("leases", "dhcp-leases", text);
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err()).contains("leases, " + said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sender=any            | unknown key \"sender\"; did you mean \"senders\"?",
        "rate=\"60\"           | rate: \"60\" is no rate; write a number and",
        "networks=any          | networks is what the list says of each entry",
        "comment=mine          | comment is what the list says of each entry",
        "otherwise=replace,senders=\"@x.example\" | otherwise = replace has no address",
        "senders=any}          | ",
        "senders=any#mine      | ",
        "rate=\"60/hour         | ",
        "hostname=relay.example | unknown key \"hostname\""
      })
  void whatIsNoTermsIsRefusedWithTheReason(String terms, @Nullable String reason) throws Exception {
    Path file = directory.resolve("list.csv");
    Files.writeString(file, "name,network,comment\na,10.0.0.1,printer\n");
    var ran = Ran.plain("client import --format csv --terms " + terms + " " + file);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err())
        .startsWith("--terms: ")
        .contains(reason == null ? "" : reason)
        .endsWith(". Nothing was written.\n");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @Test
  void termsMaySayWhatTheListDoesNot() throws Exception {
    Path file = directory.resolve("list.csv");
    Files.writeString(file, "name,network\na,10.0.0.1\n");
    var ran =
        Ran.plain(
            "client import --format csv --terms owner=me,tls=required,rate=\"60/hour\" " + file);
    assertThat(ran.exit()).as(ran.err()).isEqualTo(Exit.OK);
    assertThat(ran.out()).contains("owner=me,tls=required,rate=\"60/hour\" }");
  }
}
