package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentSectionTest {
  private final Bench bench = new Bench();

  private String problem(String services) {
    var problems = bench.problems(Bench.BASE + "content = [ " + services + " ]");
    assertThat(problems).hasSize(1);
    return problems.getFirst();
  }

  @Test
  void whatChangesMailBehindItsSignatureIsRefused() {
    assertThat(
            bench.problems(
                Bench.BASE
                    + """
                    dkim { "example.com" { } }
                    content = [
                      { use = dkim-sign }
                      { use = clamav }
                      { use = header, add = ["X-A: b"] }
                    ]
                    """))
        .containsExactly(
            "poststation.conf:5: header changes mail behind dkim-sign (poststation.conf:3), which"
                + " breaks the signature; put dkim-sign last");
  }

  @Test
  void aMilterThatSignsStandsBehindWhatChangesMail() {
    assertThat(
            bench.problems(
                Bench.BASE
                    + """
                    content = [
                      { use = milter, name = opendkim, at = "inet:8891@127.0.0.1", effect = signs }
                      { use = milter, name = clamav-milter, at = "unix:/run/clamav.sock", effect = looks }
                      { use = milter, name = footers, at = "local:/run/footers.sock" }
                    ]
                    """))
        .containsExactly(
            "poststation.conf:4: footers changes mail behind opendkim (poststation.conf:2), which"
                + " breaks the signature; put opendkim last");
  }

  @Test
  void placesOfMiltersAreWrittenAsTheyWriteThem() {
    assertThat(
            new Bench()
                .problems(
                    Bench.BASE
                        + """
                        content = [
                          { use = milter, name = a, at = "inet:8891@localhost" }
                          { use = milter, name = b, at = "inet:localhost:8891" }
                          { use = milter, name = c, at = "inet6:8891@::1" }
                          { use = milter, name = d, at = ["127.0.0.1:8891", "unix:/run/d.sock"] }
                        ]
                        """))
        .isEmpty();
    assertThat(problem("{ use = milter, at = \"inet:@x\" }")).contains("at");
    assertThat(problem("{ use = milter, at = \"inet:99999@x\" }")).contains("99999");
    assertThat(problem("{ use = milter, effect = sings }")).contains("did you mean \"signs\"?");
    assertThat(problem("{ use = clamav, effect = signs }")).contains("use = milter");
  }

  @Test
  void whatIsToChangeMailKeepsNoneInQuarantineWhenItFails() {
    assertThat(problem("{ use = smime-encrypt, on-error = quarantine }"))
        .contains(
            "what smime-encrypt failed at would be released without that;"
                + " write on-error = defer (the client comes back), or hold");
    assertThat(problem("{ use = milter, name = a, on-error = quarantine }"))
        .contains("what a failed");
    assertThat(
            bench.problems(
                Bench.BASE
                    + "content = [ { use = clamav, on-error = quarantine }, "
                    + "{ use = rspamd, on-error = quarantine } ]"))
        .isEmpty();
  }

  @Test
  void whatMayComeIntoQuarantineIsNotDeletedWithoutAWord() {
    String base =
        "clients = [ { name = lan, networks = [\"10.0.0.0/8\"] } ], "
            + "connectors { p { type = mx } }, routes = [ { via = [p] } ]\n";
    for (String service :
        List.of(
            "{ use = rspamd }",
            "{ use = milter }",
            "{ use = clamav, on-found = quarantine }",
            "{ use = clamav, on-error = quarantine }",
            "{ use = icap, on-found = quarantine }",
            "{ use = attachments, names = [\"*.exe\"], on-found = quarantine }",
            "{ use = spamd, quarantine-at = 8 }")) {
      String text = base + "content = [ { use = header, add = [\"A: b\"] }\n" + service + " ]\n";
      assertThat(bench.problems(text))
          .containsExactly(
              "poststation.conf:3: warning: "
                  + service.replaceAll(".*use = ([a-z]+).*", "$1")
                  + " may bring mail into quarantine, which is deleted after 30 days when nobody"
                  + " releases it, and no section says that this is meant;"
                  + " write quarantine { keep = \"30 days\" }");
      assertThat(bench.problems(text + "quarantine { keep = 10d }\n")).isEmpty();
    }
    assertThat(bench.problems(base + "content = [ { use = clamav }, { use = spamd } ]")).isEmpty();
  }

  @Test
  void aScannerThatRefusesLargeMailWhichTheRelayTakesIsTold() {
    String large = Bench.BASE + "limits { message-size = 200 MB }, content = [ { %s } ]";
    assertThat(bench.problems(large.formatted("use = clamav")))
        .containsExactly(
            "poststation.conf:1: warning: clamav refuses what is larger than clamd takes"
                + " (StreamMaxLength, 25 MB on Debian), and limits.message-size is 200 MB; make"
                + " StreamMaxLength of clamd as large, and write too-large = reject; or hold, or"
                + " pass");
    assertThat(bench.problems(large.formatted("use = icap")))
        .singleElement()
        .asString()
        .contains(
            "larger than max-size (100 MB), and limits.message-size is 200 MB; make max-size");
    for (String service : List.of("clamav", "icap")) {
      String said = "use = " + service + ", too-large = reject";
      assertThat(bench.problems(large.formatted(said))).isEmpty();
    }
  }

  @Test
  void whatPassesByAScannerOrAnArchiveBetweenServersOfExchangeIsTold() {
    String text =
        """
        clients = [ { name = lan, networks = ["10.0.0.0/24"] }
                    { name = ex, networks = ["10.1.0.10"], exchange = ["example.com"] } ]
        connectors { p { type = mx } }
        routes = [ { via = [p] } ]
        content = [ { use = clamav%1$s }
                    { use = header, privacy = on }
                    { use = archive, name = kept, to = files, directory = "/var/archive"%1$s } ]
        """;
    assertThat(bench.problems(text.formatted("")))
        .singleElement()
        .asString()
        .startsWith("poststation.conf:2: warning: client \"ex\" has exchange: mail from one server")
        .contains("passes by clamav, kept;");
    assertThat(bench.problems(text.formatted(", for { client = [lan] }"))).isEmpty();
    assertThat(bench.problems(text.formatted("").replace("exchange =", "recipients ="))).isEmpty();
  }

  /// By those of our own services one that changes mail would pass behind a signature.
  @Test
  void theEffectOfAMilterIsOneOfThree() {
    for (String effect : new String[] {"learns", "header", "seals"}) {
      assertThat(problem("{ use = milter, effect = " + effect + " }"))
          .contains("is none of the words known here", "write looks, changes, signs");
    }
  }

  @Test
  void aServiceOfALaterVersionAndOneThatIsNoneAreToldApart() {
    assertThat(problem("{ use = rewrite }")).contains("is not supported by this version yet");
    assertThat(problem("{ use = clamd }")).contains("did you mean \"clamav\"?");
    assertThat(problem("{ at = \"127.0.0.1:3310\" }")).contains("has no use");
  }

  @Test
  void twoOfOneNameAreRefused() {
    assertThat(problem("{ use = clamav }\n{ use = clamav }"))
        .contains("content has two entries with the name clamav", "write name = ");
  }

  @Test
  void aKeyOfAnotherServiceIsOfNoEffect() {
    assertThat(problem("{ use = clamav, remove = [\"X\"] }"))
        .contains(
            "content[1].remove is of no effect with use = clamav: it belongs to use = header");
  }

  @Test
  void aFieldThatCouldEndTheHeaderIsRefused() {
    assertThat(problem("{ use = header, add = [\"X: a\\r\\nY: b\"] }"))
        .contains("has a line break or control character");
    assertThat(problem("{ use = header, add = [\"no colon\"] }")).contains("is no header field");
    assertThat(problem("{ use = header }")).contains("changes nothing");
  }

  @Test
  void aScoreThatIsNoneIsRefusedAndOneThatIsOfNoEffectIsSaid() {
    assertThat(problem("{ use = spamd, reject-at = much }"))
        .contains("\"much\" is no score; write a number, such as 6.5");
    assertThat(problem("{ use = spamd, reject-at = 7, hold-at = 8 }"))
        .contains("hold-at is above reject-at, so that no mail is held");
    assertThat(problem("{ use = spamd, mark-at = 9, hold-at = 8 }"))
        .contains("mark-at is above what is held or refused");
  }

  @Test
  void aServiceOfAnIcapServerIsNamedWithoutItsHost() {
    assertThat(problem("{ use = icap, service = \"icap://host/avscan\" }"))
        .contains("is no name of a service", "avscan of icap://host/avscan");
    assertThat(problem("{ use = icap, method = get }")).contains("write respmod, reqmod");
  }

  @Test
  void whatRspamdDoesIsOneOfSixWords() {
    assertThat(problem("{ use = rspamd, on-greylist = wait }"))
        .contains("write reject, defer, hold, quarantine, mark, pass");
    assertThat(problem("{ use = rspamd, at = [] }")).contains("at is an empty list");
  }

  @Test
  void aPlaceThatIsNoneIsRefused() {
    assertThat(problem("{ use = clamav, at = [\"http://x\"] }")).contains("has a scheme");
    assertThat(problem("{ use = clamav, at = [\"unix:clamd.ctl\"] }"))
        .contains("is no path of a socket");
  }

  @Test
  void directionsAndTypesThatCanMeanNothingAreRefused() {
    assertThat(problem("{ use = clamav, for { direction = [inbound] } }"))
        .contains("direction needs to know which domains are yours; write own-domains = ");
    assertThat(problem("{ use = clamav, for { direction = [in] } }"))
        .contains("write inbound, outbound, internal");
    assertThat(problem("{ use = clamav, for { content-type = [\"calendar\"] } }"))
        .contains("\"calendar\" is no media type; write \"text/calendar\"");
    assertThat(problem("{ use = clamav, for { part-type = [] } }")).contains("is an empty list");
    assertThat(bench.problems(Bench.BASE + "own-domains = [\"a@b.example\"]"))
        .singleElement()
        .asString()
        .contains("own-domains: a@b.example is no domain; write the domain alone");
  }

  @Test
  void aWayOutOfBulkMailMustLeadSomewhere() {
    String secrets = "secrets = [\"file:provider.secret\"]";
    assertThat(problem("{ use = list-unsubscribe, " + secrets + " }"))
        .contains("has neither mailto nor url; write, for example, mailto = ");
    assertThat(problem("{ use = list-unsubscribe, mailto = \"a@b.example\" }"))
        .contains("has no secrets; write, for example, secrets = ");
    String url = "{ use = list-unsubscribe, " + secrets + ", url = \"%s\" }";
    assertThat(problem(url.formatted("https://b.example/")))
        .contains("does not have {token} in it");
    assertThat(problem(url.formatted("http://b.example/{token}"))).contains("is no URL of HTTPS");
    assertThat(problem(url.formatted("https://b.example/ {token}"))).contains("is no URL");
    assertThat(problem(url.formatted("https://b.example/#{token}"))).contains("behind a #");
    assertThat(problem("{ use = header, privacy = on, mailto = \"a@b.example\" }"))
        .contains("it belongs to use = list-unsubscribe");
  }

  @Test
  void toSignWithoutADomainIsRefused() {
    assertThat(problem("{ use = dkim-sign }"))
        .contains("dkim-sign has no domain to sign by", "docs/manual/dkim.md");
  }

  @Test
  void aDisclaimerBehindTheSignatureIsRefused() {
    assertThat(
            bench.problems(
                Bench.BASE
                    + "dkim { \"example.com\" { } }\n"
                    + "content = [ { use = dkim-sign }\n{ use = disclaimer, text = \"x\" } ]"))
        .singleElement()
        .asString()
        .contains("disclaimer changes mail behind dkim-sign", "put dkim-sign last");
  }

  @Test
  void aDisclaimerThatCannotBeMadeIsRefused() {
    assertThat(problem("{ use = disclaimer }")).contains("has no text");
    assertThat(problem("{ use = disclaimer, text = \"file:none.txt\" }"))
        .contains("content[1].text: ", "none.txt cannot be read");
    assertThat(problem("{ use = disclaimer, text = \"Tel. {telephoneNumber}\" }"))
        .contains("has the field {telephoneNumber}, and nothing says what it is", "people = ");
    assertThat(problem("{ use = disclaimer, text = \"x\", html = \"<html><body>x</body>\" }"))
        .contains("is a whole document", "write only what stands within <body>");
    assertThat(problem("{ use = disclaimer, text = \"x\", directory = staff }"))
        .contains("there is no directory \"staff\"");
    assertThat(problem("{ use = disclaimer, text = \"x\", position = below }"))
        .contains("end", "above-quote");
  }

  @Test
  void aFileOfPeopleThatIsNoneIsRefusedWithItsLine() {
    bench.disk.with("/people.conf", "\"anna@example.com\" { a = b }\n\nanna = 1\n");
    assertThat(problem("{ use = disclaimer, text = \"{a}\", people = \"/people.conf\" }"))
        .contains("/people.conf:3: \"anna\" is no address with fields");
    bench.disk.with("/people.conf", "\"anna@example.com\" { a = ");
    assertThat(problem("{ use = disclaimer, text = \"{a}\", people = \"/people.conf\" }"))
        .contains("people: /people.conf:1 cannot be understood; write \"anna@example.com\" {");
  }

  @Test
  void rulesOfAttachmentsThatCannotBeMeantAreRefused() {
    assertThat(problem("{ use = attachments }")).contains("looks for nothing", "names, types");
    assertThat(problem("{ use = attachments, names = [\"\"] }")).contains("is empty");
    assertThat(problem("{ use = attachments, macros = on, on-found = delete }"))
        .contains("reject", "hold", "strip");
    assertThat(
            bench.problems(
                Bench.BASE
                    + "dkim { \"example.com\" { } }\ncontent = [ { use = dkim-sign }\n"
                    + "{ use = attachments, macros = on, on-found = strip } ]"))
        .singleElement()
        .asString()
        .contains("attachments changes mail behind dkim-sign");
  }

  /// What is good to the letter, and does not do what it looks like.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "use = header, remove = [From] | remove removes From, which each mail must have (RFC 5322"
            + " 3.6); take it out, or write another one into replace",
        "use = header, remove = [\"date: *\"] | removes Date, which each mail must have",
        "use = attachments, names = [\".exe\"] | names: \".exe\" is only a file that has this very"
            + " name; write \"*.exe\" for all whose name ends so",
        "use = attachments, macros = on, notice = x | notice is of no effect: it takes the place of"
            + " files that are removed; write on-found = strip, or remove it",
        "use = smime-sign, policy = never | policy = never, and there is no tag",
        "use = smime-encrypt, policy = never | policy = never, and there is no tag",
        "use = disclaimer, text = \"of {mail and {mail}\" | text: {mail has no } right behind it,"
            + " and stays as it is; write a field as {displayName}"
      })
  void whatDoesNotDoWhatItLooksLikeIsWarnedOf(String service, String warning) {
    assertThat(problem("{ " + service + " }"))
        .startsWith("poststation.conf:1: warning: content[1].")
        .contains(warning);
  }

  @Test
  void whatOnlyLooksSimilarIsNotWarnedOf() {
    for (String service :
        new String[] {
          "use = header, remove = [From], replace = [\"From: a@b.example\"]",
          "use = header, remove = [\"From: *@evil.example\"]",
          "use = attachments, names = [\"*.exe\", \".htaccess\"]",
          "use = attachments, macros = on, on-found = strip, notice = x",
          "use = smime-sign, policy = never, tag = \"[sign]\"",
          "use = disclaimer, text = \"{mail}\", html = \"<style>p {color: red}</style>\""
        }) {
      assertThat(bench.problems(Bench.BASE + "content = [ { " + service + " } ]")).isEmpty();
    }
  }

  @Test
  void aFileThatIsNotThereIsNamedOnce() {
    assertThat(problem("{ use = disclaimer, text = \"file:/none.txt\" }"))
        .contains("content[1].text: /none.txt cannot be read: it does not exist; write the file");
  }

  @Test
  void theFormsOfAMilterAreThoseThatThereAre() {
    assertThat(problem("{ use = milter, at = \"unix:milter.sock\" }"))
        .contains("is no path of a socket; write \"127.0.0.1:8891\", \"inet:8891@127.0.0.1\", ")
        .contains("\"unix:/run/milter.sock\" or \"local:/run/milter.sock\"");
    assertThat(problem("{ use = milter, at = \"mx:x.example\" }")).contains("inet:8891@127.0.0.1");
  }

  @Test
  void anEntryWhoseUseIsWrongHasNotTheNameOfAnotherOne() {
    assertThat(problem("{ use = clamav }\n{ use = clamd }")).contains("did you mean \"clamav\"?");
    assertThat(problem("{ use = clamav }\n{ use = clamav, name = \"a b\" }"))
        .doesNotContain("two entries");
  }

  private static String archive(String more) {
    return "{ use = archive, to = files, directory = \"/var/lib/archive\" " + more + " }";
  }

  @Test
  void anArchiveKeepsTheCopyThatIsWanted() {
    String encrypted =
        "smime { password = \"env:SECRET\" }\ncontent = [\n { use = smime-encrypt }\n ";
    assertThat(bench.problems(Bench.BASE + encrypted + archive("") + "\n]"))
        .containsExactly(
            "poststation.conf:4: archive keeps mail behind smime-encrypt (poststation.conf:3),"
                + " which leaves nothing to read; put archive in front of it, or write copy ="
                + " sent");
    assertThat(new Bench().problems(Bench.BASE + encrypted + archive(", copy = sent") + "\n]"))
        .isEmpty();
    assertThat(
            new Bench()
                .problems(
                    Bench.BASE
                        + "content = [\n"
                        + archive(", copy = sent")
                        + "\n { use = clamav }\n { use = header, add = [\"X-A: b\"] }\n]"))
        .containsExactly(
            "poststation.conf:4: header changes mail behind archive (poststation.conf:2), which is"
                + " to keep it as it is sent; put archive last, or write copy = plain");
  }

  @Test
  void whatSharesADirectoryIsKeptOnTheSameTerms() {
    String one = archive(", keep = \"9 days\", legal-hold = [b.example]");
    String both = "content = [\n" + one + "\n" + archive(", name = sent, copy = sent");
    assertThat(bench.problems(Bench.BASE + both + "\n]"))
        .containsExactly(
            "poststation.conf:3: sent has the directory of archive (poststation.conf:2), but"
                + " another keep or legal-hold; write the same, or name another directory");
    String same = one.replace("\" ,", "/\", name = sent, copy = sent,");
    assertThat(new Bench().problems(Bench.BASE + "content = [\n" + one + "\n" + same + "\n]"))
        .isEmpty();
  }

  @Test
  void whatAnArchiveNeedsIsSaid() {
    assertThat(problem("{ use = archive, to = files }")).contains("directory");
    assertThat(problem("{ use = archive, directory = \"/a\" }")).contains("content[1] has no to");
    assertThat(problem(archive(", keep = \"3 s\""))).contains("keep", "units are d, w, mo, y");
    assertThat(problem(archive(", keep = 10"))).contains("keep", "write \"10 days\"");
    assertThat(problem(archive(", keep = \"0 days\""))).contains("keep", "at least \"1 day\"");
    assertThat(problem(archive(", keep = \"201 y\""))).contains("keep", "at most \"200 years\"");
    assertThat(problem(archive(", keep = ten"))).contains("keep", "as in \"10 years\"");
    assertThat(problem(archive(", legal-hold = [\"x y\"]"))).contains("legal-hold");
    assertThat(problem(archive(", copy = both"))).contains("plain, sent");
    assertThat(problem("{ use = clamav, keep = \"1 day\" }")).contains("use = archive");
    assertThat(problem(archive(", on-error = hold"))).contains("on-error", "write defer");
  }

  @Test
  void aMirrorIsForMailToOthersAndItsCopyIsNoBusinessOfTheMail() {
    String mirror = "{ use = mirror, to = \"learn@filter.example\" ";
    assertThat(problem(mirror + "}"))
        .isEqualTo(
            "poststation.conf:1: content[1].use = mirror needs to know which domains are yours;"
                + " write own-domains = [\"example.com\"] at the top level");
    String own = Bench.BASE + "own-domains = [\"example.com\"]\ncontent = [\n";
    assertThat(bench.problems(own + mirror + "}\n]")).isEmpty();
    assertThat(bench.problems(own + mirror + ", for { direction = [outbound] } }\n]")).isEmpty();
    assertThat(bench.problems(own + mirror + ", for { direction = [outbound, internal] } }\n]"))
        .containsExactly(
            "poststation.conf:3: content[1].for: mirror is for mail to others alone, and direction"
                + " says otherwise; write direction = [outbound], or leave it out, which means the"
                + " same here");
    assertThat(bench.problems(own + mirror + ", on-error = defer }\n]"))
        .containsExactly(
            "poststation.conf:3: content[1].on-error is not for mirror: whatever becomes of the"
                + " copy, the mail goes on; remove it");
    assertThat(bench.problems(own + "{ use = mirror }\n]"))
        .containsExactly(
            "poststation.conf:3: content[1] has no to; write, for example, to ="
                + " \"learn@filter.example\"");
    assertThat(bench.problems(own + "{ use = mirror, to = files }\n]").getFirst())
        .contains("to", "mail address");
    assertThat(bench.problems(own + mirror + ", alternate = \"x@y.example\" }\n]").getFirst())
        .contains("alternate is of no effect with use = mirror", "use = archive");
    assertThat(bench.problems(own + "{ use = smime-encrypt }\n" + mirror + "}\n]"))
        .containsExactly(
            "poststation.conf:4: mirror keeps mail behind smime-encrypt (poststation.conf:3),"
                + " which leaves nothing to read; put mirror in front of it, or write copy = sent");
  }

  @Test
  void aJournalNeedsAMailboxAndAnotherOneForWhatItDoesNotTake() {
    String journal = "{ use = archive, to = \"journal@archive.example\" ";
    String other = ", alternate = \"a@b.example\"";
    String sent = journal.replace("example", "EXAMPLE") + ", name = sent, copy = sent";
    String both = Bench.BASE + "content = [\n" + journal + other + " }\n" + sent;
    assertThat(new Bench().problems(both + " }\n]"))
        .contains(
            "poststation.conf:3: sent has the journal mailbox of archive (poststation.conf:2), but"
                + " another alternate; write the same alternate in both, or in neither");
    assertThat(new Bench().problems(both + other.replace("b.e", "B.e") + " }\n]")).isEmpty();
    assertThat(bench.problems(Bench.BASE + "content = [\n" + journal + "}\n]")).isEmpty();
    assertThat(problem("{ use = archive, to = journal }"))
        .contains("is neither files nor s3 nor a mail address", "journal@archive.example");
    assertThat(problem("{ use = archive, to = \"j\u00f6@x.example\" }")).contains("in ASCII");
    assertThat(problem(journal + ", alternate = \"journal@ARCHIVE.example\" }"))
        .contains("is the journal mailbox itself");
    assertThat(problem(journal + ", alternate = x }")).contains("alternate", "mail address");
    assertThat(problem(journal + ", keep = \"1 day\" }"))
        .contains("keep is of no effect with to = journal@archive.example", "to = files");
    assertThat(problem(archive(", alternate = \"a@b.example\"")))
        .contains("alternate is of no effect with to = files", "to = a mail address");
    assertThat(problem(journal + ", on-error = hold }")).contains("on-error", "write defer");
    assertThat(
            new Bench()
                .problems(
                    Bench.BASE
                        + "smime { password = \"env:SECRET\" }\ncontent = [\n"
                        + " { use = smime-encrypt }\n"
                        + journal
                        + "}\n]"))
        .singleElement()
        .asString()
        .contains("archive keeps mail behind smime-encrypt");
  }

  @Test
  void aMaildirOrAnMboxHasNoChainAndNothingThatNeedsOne() {
    for (String format : List.of("maildir", "mbox")) {
      String written = ", format = " + format;
      assertThat(bench.problems(Bench.BASE + "content = [\n" + archive(written) + "\n]")).isEmpty();
      assertThat(problem(archive(written + ", keep = \"1 day\"")))
          .contains("keep is of no effect with format = " + format, "format = eml");
    }
    assertThat(problem(archive(", format = files"))).contains("eml, maildir, mbox");
    assertThat(problem("{ use = archive, to = files, format = maildir }")).contains("directory");
  }

  private static String bucket(String more) {
    return "{ use = archive, to = s3, bucket = mails, access-key = AK, secret-key = \"env:SECRET\""
        + more
        + " }";
  }

  @Test
  void aBucketNeedsItsPlaceAndItsKey() {
    String there = ", region = eu-central-1";
    assertThat(bench.problems(Bench.BASE + "content = [\n" + bucket(there) + "\n]")).isEmpty();
    assertThat(problem(bucket("")))
        .contains(
            "content[1] has no region; write, for example, region = eu-central-1, or endpoint");
    assertThat(problem("{ use = archive, to = s3, bucket = mails, access-key = AK" + there + " }"))
        .contains("has no secret-key; write, for example, secret-key = \"file:");
    assertThat(problem(bucket(there).replace("env:SECRET", "wJalr")))
        .contains("secret-key", "a secret in plain text")
        .doesNotContain("wJalr");
    assertThat(problem(bucket(there).replace("access-key = AK,", ""))).contains("no access-key");
    assertThat(problem(bucket(there).replace("mails", "Mails"))).contains("is no name of a bucket");
    assertThat(problem(bucket(there + ", prefix = \"/a\""))).contains("is no folder in a bucket");
    assertThat(problem(bucket(", endpoint = \"s3.example.com\""))).contains("https://");
    assertThat(problem(bucket(", endpoint = \"https://s3.example.com/mails\"")))
        .contains("has more than a host and a port", "the bucket has a key of its own");
    assertThat(problem(bucket(", endpoint = \"http://s3.example.com\"")))
        .contains("whoever sees the traffic can read the mail; write https://");
    assertThat(
            bench.problems(
                Bench.BASE + "content = [" + bucket(", endpoint = \"http://[::1]:9\"") + "]"))
        .isEmpty();
    assertThat(problem(bucket(there + ", kms-key = k"))).contains("belongs to encryption = kms");
    assertThat(problem(bucket(there + ", directory = \"/a\""))).contains("belongs to to = files");
    assertThat(problem(archive(", bucket = mails"))).contains("belongs to to = s3");
    assertThat(problem(bucket(there).replace("to = s3, ", ""))).contains("content[1] has no to");
    assertThat(problem(bucket(there + ", on-error = hold"))).contains("write defer");
  }

  @Test
  void objectsAreLockedForATime() {
    String there = ", region = eu-central-1";
    assertThat(problem(bucket(there + ", lock = compliance")))
        .contains("lock needs keep", "keep = \"10 years\"");
    assertThat(problem(bucket(there + ", keep = \"10 years\"")))
        .contains("keep needs lock with to = s3", "give the bucket a lifecycle");
    assertThat(problem(bucket(there + ", lock = complience, keep = \"1 y\"")))
        .contains("did you mean \"compliance\"?");
    var rules =
        bench
            .right(
                Bench.BASE
                    + "content = [\n"
                    + bucket(there + ", lock = governance, keep = \"1 y\", prefix = \"a/b\"")
                    + "\n]")
            .content();
    var service = (S3Service) rules.getFirst().service();
    assertThat(service.bucket()).hasToString("s3://mails/a/b/");
    assertThat(service.bucket().endpoint()).hasToString("https://s3.eu-central-1.amazonaws.com");
    assertThat(service.bucket().pathStyle()).isFalse();
  }
}
