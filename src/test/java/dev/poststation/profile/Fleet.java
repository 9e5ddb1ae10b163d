package dev.poststation.profile;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// The simulated devices of the impostor experiment (docs/manual/profiles.md says what they are):
/// printers, scanners, storage, scripts, applications, cards and cameras, each with habits of its
/// own and with what varies in them.
final class Fleet {
  /// TLS clients, as their fingerprints would be.
  static final String OPENSSL_1 = "t12d4608_2b729b4bf6f3_5e1ab2dd02a7";

  static final String OPENSSL_3 = "t13d3109_e8a523a41297_b26ce05bbdd6";
  static final String PYTHON = "t13d1808_85036bcba153_cdc2fbe2ca1e";
  static final String JAVA = "t13d4911_c7886603b240_8e6e362c5eac";
  static final String JAVA_OLD = "t12d3007_f91f431d341e_0ab1ba2f7e21";
  static final String SCHANNEL = "t13d1911_9dc949149365_97f8aa674fd9";
  static final String GNUTLS = "t13d2812_2d34ffbcb8a0_8e6e362c5eac";
  static final String NSS = "t13d1714_5b57614c22b0_3d5424432f57";
  static final String APPLE = "t13d2014_a09f3c656075_14788d8d241b";

  private Fleet() {}

  /// Makes the mails of one device.
  interface Device {
    /// Writes one.
    ///
    /// @param number which of its mails it is
    void write(Draft mail, int number);
  }

  /// A device and when it sends.
  record Member(String kind, Device device, Hours hours) {
    Observation mail(Instant when, Random dice, int number) {
      var draft = new Draft(when, dice);
      device.write(draft, number);
      return draft.observed();
    }
  }

  /// When it sends.
  enum Hours {
    OFFICE,
    NIGHT,
    ALWAYS,
    SELDOM;

    Instant after(Instant last, Random dice) {
      return switch (this) {
        case OFFICE -> {
          var next = last.plusSeconds(dice.nextInt(300, 3 * 3600));
          int hour = next.atOffset(ZoneOffset.UTC).getHour();
          yield hour >= 6 && hour < 17
              ? next
              : next.plus(Duration.ofHours((30 - hour) % 24)).plusSeconds(dice.nextInt(3600));
        }
        case NIGHT -> last.plus(Duration.ofDays(1)).plusSeconds(dice.nextInt(-600, 600));
        case ALWAYS -> last.plusSeconds((long) (7200 * -Math.log(1 - dice.nextDouble())));
        case SELDOM -> last.plus(Duration.ofHours(dice.nextInt(10, 200)));
      };
    }
  }

  private static String mac(Draft mail) {
    return mail.hex(2)
        + ":"
        + mail.hex(2)
        + ":"
        + mail.hex(2)
        + ":"
        + mail.hex(2)
        + ":"
        + mail.hex(2)
        + ":"
        + mail.hex(2);
  }

  /// All kinds; each call with another seed gives other devices of the same kinds.
  static List<Member> all(long seed) {
    List<IntFunction<Member>> kinds =
        List.of(
            number -> laserPrinter(seed + number),
            number -> copier(seed + number),
            number -> scannerOfManyPeople(seed + number),
            number -> storage(seed + number),
            number -> storageWithReports(seed + number),
            number -> cronByPostfix(seed + number),
            number -> scriptOfNullmailer(seed + number),
            number -> erp(seed + number),
            number -> powerSupply(seed + number),
            number -> camera(seed + number),
            number -> monitoring(seed + number),
            number -> voicemail(seed + number),
            number -> windowsBackup(seed + number),
            number -> containers(seed + number),
            number -> mailServer(seed + number),
            number -> updatedDevice(seed + number),
            number -> rewrittenDevice(seed + number),
            number -> twoPorts(seed + number),
            number -> replacedDevice(seed + number),
            number -> franking(seed + number));
    return IntStream.range(0, kinds.size())
        .mapToObj(number -> kinds.get(number).apply(1000 * number))
        .toList();
  }

  private static Draft params(long seed) {
    return new Draft(Instant.EPOCH, new Random(seed));
  }

  /// Half of the devices are on the link, the others behind a router whose address is not known.
  private static String linked(Draft of) {
    return of.chance(0.5) ? mac(of) : "";
  }

  private static void link(Draft mail, String hardware) {
    mail.hardware = hardware.isEmpty() ? null : hardware;
  }

  private static Member laserPrinter(long seed) {
    var of = params(seed);
    String hello = "NPI" + of.hex(6).toUpperCase(Locale.ROOT);
    String hardware = linked(of);
    String model = "HP LaserJet MFP M" + of.digits(3);
    String tls = of.chance(0.5) ? OPENSSL_1 : "";
    return new Member(
        "printer",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = hello;
          secure(mail, tls);
          mail.untilHello = mail.about(60);
          mail.sender = "scan@example.com";
          mail.names =
              List.of("From", "To", "Subject", "Date", "MIME-Version", "X-Mailer", "Content-Type");
          mail.mailer =
              model
                  + " (firmware "
                  + mail.one("20230411", "20231102")
                  + "_00"
                  + mail.digits(4)
                  + ")";
          mail.date = mail.date("EEE, dd MMM yyyy HH:mm:ss Z", "+01:00");
          mail.type = "multipart/mixed; boundary=\"--=_Next" + mail.digits(8) + "\"";
          mail.octets = mail.between(40_000, 8_000_000);
        },
        Hours.OFFICE);
  }

  private static void secure(Draft mail, String tls) {
    if (!tls.isEmpty()) {
      mail.tls = tls;
      mail.opening = "EHLO STARTTLS EHLO MAIL";
    }
  }

  private static Member copier(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String serial = of.digits(8);
    return new Member(
        "copier",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = "[192.168.20." + mail.dice.nextInt(2, 250) + "]"; // DHCP
          mail.untilHello = mail.about(12);
          mail.sender = "copier@example.com";
          mail.names =
              List.of(
                  "Message-Id",
                  "From",
                  "To",
                  "Subject",
                  "Date",
                  "MIME-Version",
                  "Content-Type",
                  "X-Mailer");
          mail.mailer = "SHARP MX-3071 " + serial;
          mail.messageId = "<" + mail.stamp() + "." + mail.digits(5) + "@[192.168.20.9]>";
          mail.date = mail.date("EEE, d MMM yyyy HH:mm:ss Z", "+01:00") + " (CET)";
          mail.type = "multipart/mixed; boundary=\"" + mail.letters("ABCDEF0123456789", 16) + "\"";
          mail.domains = Set.of(mail.chance(0.9) ? "example.com" : "partner.example");
          mail.octets = mail.between(80_000, 3_000_000);
        },
        Hours.OFFICE);
  }

  private static Member scannerOfManyPeople(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String hello = "iR-ADV" + of.digits(4);
    return new Member(
        "scanner of many people",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = hello;
          mail.untilHello = mail.about(150);
          mail.sender = "user" + mail.dice.nextInt(40) + "@example.com";
          mail.names =
              List.of(
                  "Date", "From", "To", "Message-ID", "Subject", "Mime-Version", "Content-Type");
          mail.messageId = "<" + mail.digits(10) + "." + mail.digits(2) + "@" + hello + ">";
          boolean note = mail.chance(0.2);
          mail.type =
              note ? "text/plain" : "multipart/mixed; boundary=\"CANON_" + mail.hex(12) + "\"";
          mail.domains = Set.of("example.com", "d" + mail.dice.nextInt(30) + ".example");
          mail.recipients = mail.dice.nextInt(1, 4);
          mail.octets = note ? 3000 : mail.between(50_000, 20_000_000);
        },
        Hours.OFFICE);
  }

  private static Member storage(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String hello = "nas" + of.dice.nextInt(9);
    return new Member(
        "storage",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = hello;
          secure(mail, OPENSSL_3);
          mail.sender = "nas@example.com";
          mail.names =
              List.of(
                  "Date",
                  "To",
                  "From",
                  "Subject",
                  "Message-ID",
                  "X-Mailer",
                  "MIME-Version",
                  "Content-Type",
                  "Content-Transfer-Encoding");
          mail.mailer =
              "PHPMailer "
                  + (number < 40 ? "5.2.9" : "6.0.1")
                  + " (https://github.com/PHPMailer/PHPMailer/)";
          mail.messageId = "<" + mail.hex(32) + "@" + hello + ">";
          mail.type = "text/html; charset=utf-8";
          mail.octets = mail.between(1500, 9000);
        },
        of.chance(0.5) ? Hours.NIGHT : Hours.ALWAYS);
  }

  private static Member storageWithReports(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    return new Member(
        "storage with reports",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = "QNAP";
          secure(mail, OPENSSL_1);
          mail.login = "LOGIN";
          mail.opening = "EHLO STARTTLS EHLO AUTH MAIL";
          mail.sender = "qnap@example.com";
          boolean report = number % 7 == 3;
          mail.names =
              report
                  ? List.of("From", "To", "Subject", "Date", "MIME-Version", "Content-Type")
                  : List.of("From", "To", "Subject", "Date", "Content-Type");
          mail.type =
              report
                  ? "multipart/mixed; boundary=\"--" + mail.uuid() + "\""
                  : "text/plain; charset=UTF-8";
          mail.octets = report ? mail.between(50_000, 400_000) : mail.between(800, 2000);
        },
        Hours.ALWAYS);
  }

  /// Three programs on one host, two of them frequent.
  private static Member cronByPostfix(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String host = "web" + of.dice.nextInt(9) + ".example.com";
    return new Member(
        "cron by Postfix",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = host;
          mail.tls = OPENSSL_3;
          mail.opening = "EHLO STARTTLS EHLO MAIL";
          mail.parameters = "SIZE";
          mail.pipelining = true;
          mail.untilHello = mail.about(2);
          mail.sender = "root@" + host;
          mail.messageId =
              "<" + mail.stamp() + "." + mail.hex(11).toUpperCase(Locale.ROOT) + "@" + host + ">";
          mail.date = mail.date("EEE, d MMM yyyy HH:mm:ss Z", "+01:00") + " (CET)";
          int program = mail.dice.nextInt(20);
          if (program < 13) {
            mail.names =
                List.of(
                    "Received",
                    "From",
                    "To",
                    "Subject",
                    "MIME-Version",
                    "Content-Type",
                    "Content-Transfer-Encoding",
                    "X-Cron-Env",
                    "Message-Id",
                    "Date");
            mail.type = "text/plain; charset=UTF-8";
          } else if (program < 19) {
            mail.names =
                List.of(
                    "Received",
                    "To",
                    "From",
                    "Subject",
                    "Mime-Version",
                    "Content-Type",
                    "Message-Id",
                    "Date");
            mail.type = "text/plain; charset=\"iso-8859-1\"";
          } else {
            mail.names = List.of("Received", "From", "To", "Subject", "Message-Id", "Date");
          }
          mail.octets = mail.between(600, 60_000);
        },
        of.chance(0.5) ? Hours.NIGHT : Hours.ALWAYS);
  }

  private static Member scriptOfNullmailer(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String host = "job" + of.dice.nextInt(99);
    return new Member(
        "script",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = host;
          secure(mail, GNUTLS);
          mail.sender = "jobs@example.com";
          mail.names = List.of("Date", "Message-ID", "From", "To", "Subject");
          mail.messageId = "<" + mail.stamp() + "." + mail.digits(4) + "@" + host + ".example.com>";
          mail.date = mail.date("dd MMM yyyy HH:mm:ss -0000", "+00:00");
          mail.octets = mail.between(500, 5000);
        },
        Hours.NIGHT);
  }

  private static Member erp(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String host = "sap" + of.dice.nextInt(9) + ".example.com";
    String tls = of.chance(0.5) ? JAVA : JAVA_OLD;
    return new Member(
        "application",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = host;
          secure(mail, tls);
          mail.login = "PLAIN";
          mail.opening = "EHLO STARTTLS EHLO AUTH MAIL";
          mail.untilHello = mail.about(8);
          mail.sender = mail.one("invoice@example.com", "order@example.com", "dunning@example.com");
          boolean attached = mail.chance(0.6);
          mail.names =
              List.of(
                  "Date", "From", "To", "Message-ID", "Subject", "MIME-Version", "Content-Type");
          mail.messageId =
              "<"
                  + mail.digits(9)
                  + "."
                  + mail.dice.nextInt(1, 90)
                  + "."
                  + mail.digits(13)
                  + ".JavaMail.sapadm@"
                  + host
                  + ">";
          mail.date = mail.date("EEE, d MMM yyyy HH:mm:ss Z", "+01:00") + " (CET)";
          mail.type =
              attached
                  ? "multipart/mixed; \r\n\tboundary=\"----=_Part_"
                      + mail.dice.nextInt(1, 900)
                      + "_"
                      + mail.digits(9)
                      + "."
                      + mail.digits(13)
                      + "\""
                  : "text/plain; charset=UTF-8";
          mail.domains = Set.of("customer" + mail.dice.nextInt(500) + ".example");
          mail.octets = attached ? mail.between(30_000, 900_000) : mail.between(900, 5000);
        },
        Hours.OFFICE);
  }

  private static Member powerSupply(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    return new Member(
        "UPS card",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = "apc-ups";
          mail.extended = false;
          mail.opening = "HELO MAIL";
          mail.spelling = "HELO MAIL";
          mail.parameters = "stray space";
          mail.bare = true;
          mail.untilHello = mail.about(500);
          mail.sender = "ups@example.com";
          mail.names = List.of("From", "To", "Subject", "Date");
          mail.date = mail.date("MM/dd/yyyy HH:mm:ss", "+00:00");
          mail.octets = mail.between(300, 700);
        },
        Hours.SELDOM);
  }

  private static Member camera(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String name = "IPC-" + of.digits(6);
    return new Member(
        "camera",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = name;
          mail.login = "LOGIN";
          mail.opening = "EHLO AUTH MAIL";
          mail.sender = "camera@example.com";
          mail.names =
              List.of("From", "To", "Subject", "Date", "X-Mailer", "MIME-Version", "Content-Type");
          mail.mailer = "IPCamera V" + (number < 30 ? "5.5.0 build 170725" : "5.6.3 build 190923");
          mail.type = "multipart/mixed; boundary=\"boundary_of_ipc\"";
          mail.octets = mail.between(60_000, 600_000);
        },
        Hours.ALWAYS);
  }

  private static Member monitoring(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    return new Member(
        "monitoring",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = "monitor.example.com";
          secure(mail, PYTHON);
          mail.spelling = "ehlo mail";
          mail.parameters = "SIZE";
          mail.untilHello = mail.about(1);
          mail.sender = "alerts@example.com";
          mail.names =
              List.of(
                  "Content-Type",
                  "MIME-Version",
                  "Content-Transfer-Encoding",
                  "Subject",
                  "From",
                  "To",
                  "Date",
                  "Message-ID");
          mail.messageId =
              "<" + mail.digits(12) + "." + mail.digits(5) + "." + mail.digits(19) + "@monitor>";
          mail.date = mail.date("EEE, dd MMM yyyy HH:mm:ss -0000", "+00:00");
          mail.type = "text/plain; charset=\"utf-8\"";
          mail.domains =
              mail.chance(0.5) ? Set.of("example.com", "sms.example") : Set.of("example.com");
          mail.recipients = mail.dice.nextInt(1, 6);
          mail.octets = mail.between(900, 3000);
        },
        Hours.ALWAYS);
  }

  private static Member voicemail(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    return new Member(
        "telephone system",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = "pbx.example.com";
          mail.tls = GNUTLS;
          mail.opening = "EHLO STARTTLS EHLO MAIL";
          mail.parameters = "SIZE";
          mail.pipelining = true;
          mail.untilHello = mail.about(3);
          mail.sender = "asterisk@pbx.example.com";
          mail.names =
              List.of(
                  "Received",
                  "Date",
                  "From",
                  "To",
                  "Subject",
                  "Message-ID",
                  "X-Asterisk-CallerID",
                  "MIME-Version",
                  "Content-Type");
          mail.messageId =
              "<Asterisk-"
                  + mail.dice.nextInt(90)
                  + "-"
                  + mail.digits(9)
                  + "-"
                  + mail.dice.nextInt(30)
                  + "-"
                  + mail.digits(4)
                  + "@pbx>";
          mail.date = mail.date("EEE, dd MMM yyyy HH:mm:ss Z", "+01:00");
          mail.type =
              "multipart/mixed; boundary=\"----voicemail_"
                  + mail.dice.nextInt(90)
                  + mail.digits(10)
                  + "\"";
          mail.octets = mail.between(20_000, 900_000);
        },
        Hours.OFFICE);
  }

  private static Member windowsBackup(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    String name = "SRV-BACKUP0" + of.dice.nextInt(9);
    return new Member(
        "Windows backup",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = name;
          secure(mail, SCHANNEL);
          mail.sender = "backup@example.com";
          mail.names =
              List.of(
                  "MIME-Version",
                  "From",
                  "To",
                  "Date",
                  "Subject",
                  "Content-Type",
                  "Content-Transfer-Encoding");
          mail.date = mail.date("d MMM yyyy HH:mm:ss Z", "+01:00");
          mail.type = "text/html; charset=utf-8";
          mail.octets = mail.between(5_000, 90_000);
        },
        Hours.NIGHT);
  }

  /// A new name of the host with each start, and an application that is built anew.
  private static Member containers(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    return new Member(
        "containers",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = mail.hex(12);
          secure(mail, OPENSSL_3);
          mail.sender = "app@example.com";
          mail.names =
              List.of(
                  "Date",
                  "From",
                  "To",
                  "Message-ID",
                  "Subject",
                  "Mime-Version",
                  "Content-Type",
                  "Content-Transfer-Encoding");
          mail.messageId = "<" + mail.hex(12) + "_" + mail.hex(14) + "@" + mail.hello + ".mail>";
          mail.date = mail.date("EEE, dd MMM yyyy HH:mm:ss Z", "+00:00");
          mail.type = "text/plain; charset=UTF-8";
          mail.domains = Set.of("mail" + mail.dice.nextInt(60) + ".example");
          mail.octets = mail.between(900, 9000);
        },
        Hours.ALWAYS);
  }

  /// People write through it with whatever they like: only its sessions are always alike.
  private static Member mailServer(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    return new Member(
        "mail server",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = "mail.branch.example.com";
          mail.tls = SCHANNEL;
          mail.opening = "EHLO STARTTLS EHLO MAIL";
          mail.parameters = mail.chance(0.6) ? "SIZE BODY" : "SIZE";
          mail.pipelining = true;
          mail.untilHello = mail.about(5);
          mail.sender = "person" + mail.dice.nextInt(60) + "@example.com";
          Impostors.any(mail.dice).write(mail);
          mail.domains = Set.of("d" + mail.dice.nextInt(900) + ".example");
          mail.octets = mail.between(2000, 9_000_000);
        },
        Hours.OFFICE);
  }

  /// New firmware in the middle: another TLS client, other versions.
  private static Member updatedDevice(long seed) {
    var before = laserPrinter(seed);
    return new Member(
        "device with an update",
        (mail, number) -> {
          before.device().write(mail, number);
          secure(mail, number < 45 ? OPENSSL_1 : OPENSSL_3);
          mail.mailer = mail.mailer.replace("2023", number < 45 ? "2023" : "2025");
        },
        Hours.OFFICE);
  }

  /// New firmware in the middle that makes mail in another way: genuine, but not to be told from an
  /// impostor.
  private static Member rewrittenDevice(long seed) {
    var before = copier(seed);
    return new Member(
        "device with a new mail program",
        (mail, number) -> {
          before.device().write(mail, number);
          if (number >= 50) {
            mail.names = List.of("Date", "From", "To", "Subject", "MIME-Version", "Content-Type");
            mail.messageId = "";
            mail.mailer = "";
            mail.type = "multipart/mixed; boundary=" + mail.hex(20);
          }
        },
        Hours.OFFICE);
  }

  /// By cable or by radio.
  private static Member twoPorts(long seed) {
    var of = params(seed);
    var before = copier(seed);
    String cable = mac(of);
    String radio = mac(of);
    return new Member(
        "device with two ports",
        (mail, number) -> {
          before.device().write(mail, number);
          mail.hardware = number % 9 < 4 ? cable : radio;
        },
        Hours.OFFICE);
  }

  /// The same model in its place: genuine, but not to be told from an impostor.
  private static Member replacedDevice(long seed) {
    var before = laserPrinter(seed);
    var after = laserPrinter(seed + 1);
    var of = params(seed);
    String one = mac(of);
    String other = mac(of);
    return new Member(
        "device that was replaced",
        (mail, number) -> {
          (number < 55 ? before : after).device().write(mail, number);
          mail.hardware = number < 55 ? one : other;
        },
        Hours.OFFICE);
  }

  private static Member franking(long seed) {
    var of = params(seed);
    String hardware = linked(of);
    var domains = new TreeSet<String>(List.of("post.example"));
    return new Member(
        "franking machine",
        (mail, number) -> {
          link(mail, hardware);
          mail.hello = "localhost.localdomain";
          mail.spelling = "EHLO MAIL";
          mail.sender = "franking@example.com";
          mail.names = List.of("from", "to", "subject", "content-type");
          mail.date = "";
          mail.type = "text/plain";
          mail.domains = domains;
          mail.octets = mail.about(700);
        },
        Hours.SELDOM);
  }
}
