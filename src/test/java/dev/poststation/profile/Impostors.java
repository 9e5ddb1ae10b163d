package dev.poststation.profile;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/// Whoever takes a device's place in the impostor experiment: a notebook with the usual programs, a
/// script, a bot, and those who took care to look like the device.
final class Impostors {
  private Impostors() {}

  /// The header and the session of a program.
  interface Program {
    void write(Draft mail);
  }

  /// One who comes in the place of a device.
  record Impostor(String kind, Taking taking) {
    Observation mail(Draft mail, Fleet.Member device, int number) {
      taking.write(mail, device, number);
      return mail.observed();
    }
  }

  /// Writes a mail in the place of a device.
  interface Taking {
    void write(Draft mail, Fleet.Member device, int number);
  }

  static final List<Impostor> ALL =
      List.of(
          plain("Thunderbird", Impostors::thunderbird),
          plain("Outlook", Impostors::outlook),
          plain("Apple Mail", Impostors::apple),
          plain("swaks", Impostors::swaks),
          plain("Python script", Impostors::python),
          plain("PowerShell", Impostors::powershell),
          plain("curl", Impostors::curl),
          plain("bot", Impostors::bot),
          new Impostor("Thunderbird with the device's sender", Impostors::thunderbirdAsDevice),
          new Impostor("script that says the device's EHLO and From", Impostors::scriptAsDevice),
          new Impostor("swaks with EHLO, From and X-Mailer", Impostors::swaksAsDevice),
          new Impostor("replay of a mail by swaks", Impostors::replay));

  private static Impostor plain(String kind, Program program) {
    return new Impostor(
        kind,
        (mail, device, number) -> {
          mail.sender = "someone@example.com";
          mail.hello = "notebook-" + mail.hello.length();
          program.write(mail);
          notebook(mail, device, number);
        });
  }

  /// Where the device's hardware address is seen, so is the notebook's.
  private static void notebook(Draft mail, Fleet.Member device, int number) {
    var genuine = genuine(mail, device, number);
    mail.hardware = genuine.hardware == null ? null : "d4:5d:64:00:11:22";
  }

  private static Draft genuine(Draft mail, Fleet.Member device, int number) {
    var genuine = new Draft(mail.when, new Random(mail.dice.nextLong()));
    device.device().write(genuine, number);
    return genuine;
  }

  /// What somebody who watched the device, or opened its settings, can say like it.
  private static void copy(Draft mail, Draft genuine) {
    mail.hello = genuine.hello;
    mail.sender = genuine.sender;
    mail.domains = genuine.domains;
    mail.recipients = genuine.recipients;
    mail.octets = genuine.octets;
  }

  private static void thunderbirdAsDevice(Draft mail, Fleet.Member device, int number) {
    var genuine = genuine(mail, device, number);
    thunderbird(mail);
    mail.sender = genuine.sender;
    mail.domains = genuine.domains;
    mail.octets = genuine.octets;
    notebook(mail, device, number);
  }

  private static void scriptAsDevice(Draft mail, Fleet.Member device, int number) {
    python(mail);
    copy(mail, genuine(mail, device, number));
    notebook(mail, device, number);
  }

  private static void swaksAsDevice(Draft mail, Fleet.Member device, int number) {
    swaks(mail);
    var genuine = genuine(mail, device, number);
    copy(mail, genuine);
    mail.mailer = genuine.mailer;
    notebook(mail, device, number);
  }

  /// All that stands in the mail is the device's; only the session is not, and where it is on the
  /// link its hardware address.
  private static void replay(Draft mail, Fleet.Member device, int number) {
    swaks(mail);
    var genuine = genuine(mail, device, number);
    copy(mail, genuine);
    mail.names = genuine.names;
    mail.mailer = genuine.mailer;
    mail.date = genuine.date;
    mail.messageId = genuine.messageId;
    mail.type = genuine.type;
    notebook(mail, device, number);
  }

  /// One of the programs of people, and only what is in the mail: for those who write through a
  /// server.
  static Program any(Random dice) {
    Program program =
        List.<Program>of(Impostors::thunderbird, Impostors::outlook, Impostors::apple)
            .get(dice.nextInt(3));
    return mail -> {
      var other = new Draft(mail.when, mail.dice);
      program.write(other);
      mail.names = other.names;
      mail.mailer = other.mailer;
      mail.messageId = other.messageId;
      mail.type = other.type;
    };
  }

  private static void thunderbird(Draft mail) {
    mail.hello = "[192.168.20.77]";
    mail.tls = Fleet.NSS;
    mail.opening = "EHLO STARTTLS EHLO MAIL";
    mail.parameters = "SIZE BODY";
    mail.untilHello = mail.about(6);
    mail.names =
        List.of(
            "Message-ID",
            "Date",
            "MIME-Version",
            "User-Agent",
            "Content-Language",
            "To",
            "From",
            "Subject",
            "Content-Type",
            "Content-Transfer-Encoding");
    mail.mailer = "Mozilla Thunderbird";
    mail.messageId = "<" + mail.uuid() + "@example.com>";
    mail.type =
        mail.chance(0.5)
            ? "text/plain; charset=UTF-8; format=flowed"
            : "multipart/alternative; boundary=\"------------"
                + mail.letters("ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789", 24)
                + "\"";
    mail.octets = mail.between(900, 90_000);
    mail.domains = Set.of("elsewhere" + mail.dice.nextInt(50) + ".example");
  }

  private static void outlook(Draft mail) {
    mail.hello = "NB0815";
    mail.tls = Fleet.SCHANNEL;
    mail.opening = "EHLO STARTTLS EHLO MAIL";
    mail.untilHello = mail.about(30);
    mail.names =
        List.of(
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
            "X-Mailer",
            "Thread-Index",
            "Content-Language");
    mail.mailer = "Microsoft Outlook 16.0";
    mail.messageId = "<" + mail.hex(8) + "$" + mail.hex(8) + "$" + mail.hex(8) + "$@example.com>";
    mail.type =
        "multipart/alternative;\r\n\tboundary=\"----=_NextPart_000_"
            + mail.hex(4).toUpperCase(Locale.ROOT)
            + "_01DB"
            + mail.hex(4).toUpperCase(Locale.ROOT)
            + "."
            + mail.hex(8).toUpperCase(Locale.ROOT)
            + "\"";
    mail.octets = mail.between(4000, 200_000);
    mail.domains = Set.of("elsewhere" + mail.dice.nextInt(50) + ".example");
  }

  private static void apple(Draft mail) {
    mail.hello = "smtpclient.apple";
    mail.tls = Fleet.APPLE;
    mail.opening = "EHLO STARTTLS EHLO MAIL";
    mail.untilHello = mail.about(9);
    mail.names =
        List.of(
            "From",
            "Content-Type",
            "Content-Transfer-Encoding",
            "Mime-Version",
            "Subject",
            "Message-Id",
            "Date",
            "To",
            "X-Mailer");
    mail.mailer = "Apple Mail (2.3776.700.51)";
    mail.messageId = "<" + mail.uuid().toUpperCase(Locale.ROOT) + "@example.com>";
    mail.type =
        "multipart/alternative;\r\n\tboundary=\"Apple-Mail=_"
            + mail.uuid().toUpperCase(Locale.ROOT)
            + "\"";
    mail.octets = mail.between(2000, 90_000);
    mail.domains = Set.of("elsewhere" + mail.dice.nextInt(50) + ".example");
  }

  private static void swaks(Draft mail) {
    mail.hello = "notebook.local";
    mail.untilHello = mail.about(4);
    mail.names = List.of("Date", "To", "From", "Subject", "Message-Id", "X-Mailer");
    mail.mailer = "swaks v20240103.0 jetmore.org/john/code/swaks/";
    mail.messageId = "<" + mail.stamp() + "." + mail.digits(6) + "@notebook.local>";
    mail.date = mail.date("EEE, dd MMM yyyy HH:mm:ss Z", "+01:00");
    mail.octets = mail.between(400, 900);
  }

  private static void python(Draft mail) {
    mail.hello = "notebook.local";
    mail.spelling = "ehlo mail";
    mail.parameters = "SIZE";
    mail.untilHello = mail.about(1);
    if (mail.chance(0.5)) {
      mail.tls = Fleet.PYTHON;
      mail.opening = "EHLO STARTTLS EHLO MAIL";
    }
    mail.names = List.of("Content-Type", "MIME-Version", "From", "To", "Subject");
    mail.date = "";
    mail.type = "multipart/mixed; boundary=\"===============" + mail.digits(19) + "==\"";
    mail.octets = mail.between(900, 40_000);
    mail.domains = Set.of("elsewhere" + mail.dice.nextInt(50) + ".example");
  }

  private static void powershell(Draft mail) {
    mail.hello = "NB0815";
    mail.untilHello = mail.about(25);
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
    mail.type = "text/plain; charset=us-ascii";
    mail.octets = mail.between(400, 4000);
  }

  private static void curl(Draft mail) {
    mail.hello = "notebook";
    mail.parameters = "SIZE";
    mail.untilHello = mail.about(3);
    mail.names = List.of("From", "To", "Subject");
    mail.date = "";
    mail.octets = mail.between(200, 900);
    mail.domains = Set.of("elsewhere.example");
  }

  private static void bot(Draft mail) {
    mail.hello = mail.letters("abcdefghijklmnopqrstuvwxyz", 8) + ".com";
    mail.extended = mail.chance(0.5);
    mail.opening = mail.extended ? "EHLO MAIL" : "HELO MAIL";
    mail.spelling = mail.extended ? "EHLO MAIL" : "HELO MAIL";
    mail.untilHello = mail.about(300);
    mail.sender = mail.letters("abcdefghijklmnop", 7) + "@bank.example";
    mail.names =
        List.of(
            "Message-ID",
            "From",
            "To",
            "Subject",
            "Date",
            "MIME-Version",
            "Content-Type",
            "X-Priority",
            "X-MSMail-Priority",
            "X-Mailer",
            "X-MimeOLE");
    mail.mailer = "Microsoft Outlook Express 6.00.2900.5512";
    mail.messageId =
        "<" + mail.hex(12) + "$" + mail.hex(8) + "$" + mail.hex(8) + "@" + mail.hello + ">";
    mail.type = "text/html; charset=\"windows-1251\"";
    mail.octets = mail.between(1000, 9000);
    mail.domains =
        Set.of(
            "x" + mail.dice.nextInt(900) + ".example", "y" + mail.dice.nextInt(900) + ".example");
    mail.recipients = 20;
  }
}
