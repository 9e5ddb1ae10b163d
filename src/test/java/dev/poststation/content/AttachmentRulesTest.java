package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.attachments.Inspection;
import dev.poststation.attachments.LateException;
import dev.poststation.config.AttachmentsService;
import dev.poststation.config.MimeLimits;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.os.Permits;
import dev.poststation.smtp.ContentReplies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.sevenz.SevenZArchiveEntry;
import org.apache.commons.compress.archivers.sevenz.SevenZMethod;
import org.apache.commons.compress.archivers.sevenz.SevenZMethodConfiguration;
import org.apache.commons.compress.archivers.sevenz.SevenZOutputFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/// Files made by zip, tar and gzip, and documents with just the octets that tell.
class AttachmentRulesTest {
  private static final Path FILES = Path.of("src/test/resources/attachments");

  private static String part(String name, String type, byte[] octets) {
    return "--b\r\nContent-Type: "
        + type
        + "\r\nContent-Disposition: attachment; filename=\""
        + name
        + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + Base64.getMimeEncoder().encodeToString(octets)
        + "\r\n";
  }

  private static Message mail(String... parts) throws IOException {
    String mail =
        "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n"
            + String.join("", parts)
            + "--b--\r\n";
    return message(mail);
  }

  private static Message message(String mail) throws IOException {
    var octets = Octets.of(mail.getBytes(ISO_8859_1));
    return Message.of("Received: by relay\r\n".getBytes(US_ASCII), octets, 100_000);
  }

  private static byte[] file(String name) throws IOException {
    return Files.readAllBytes(FILES.resolve(name));
  }

  private static MadeUpServices bench(String keys) {
    return new MadeUpServices("{ use = attachments, " + keys + " }");
  }

  private static String why(String keys, String name, byte[] octets) throws IOException {
    return bench(keys + ", on-found = hold")
        .one(mail(part(name, "application/octet-stream", octets)))
        .notes()
        .getFirst()
        .reason();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "encrypted.zip | \"encrypted.zip\" is encrypted",
        "encrypted.pdf | \"encrypted.pdf\" is encrypted",
        "encrypted.docx | \"encrypted.docx\" is encrypted",
        "encrypted-4.rar | \"encrypted-4.rar\" is encrypted",
        "encrypted-5.rar | \"encrypted-5.rar\" is encrypted",
        "encrypted-file-4.rar | \"encrypted-file-4.rar\" is encrypted",
        "encrypted-file-5.rar | \"encrypted-file-5.rar\" is encrypted",
        "macros.docm | \"macros.docm\" has macros",
        "macros.doc | \"macros.doc\" has macros",
        "tool.exe | \"tool.exe\" is named like *.exe",
        "tool.exe.gz | \"tool.exe\" is named like *.exe, in \"tool.exe.gz\"",
        "program.zip | \"tool.exe\" is named like *.exe, in \"program.zip\"",
        "program.tar.gz | \"tool.exe\" is named like *.exe, in \"program.tar\", in"
            + " \"program.tar.gz\"",
        "program.tar.bz2 | \"tool.exe\" is named like *.exe, in \"program.tar\", in"
            + " \"program.tar.bz2\"",
        "nested.zip | \"tool.exe\" is named like *.exe, in \"program.zip\", in \"nested.zip\"",
        "disguised.zip | \"harmless.txt\" is of type application/x-msdownload, in"
            + " \"disguised.zip\"",
      })
  void aFileThatIsNotWantedIsFoundWhereverItIs(String name, String why) throws IOException {
    String rules =
        "names = [\"*.exe\"], types = [\"application/x-msdownload\"], encrypted = on, macros = on";
    assertThat(why(rules, name, file(name))).isEqualTo("on-found = hold: " + why);
  }

  @ParameterizedTest
  @CsvSource({
    "clean.zip",
    "clean.pdf",
    "clean.doc",
    "clean.docx",
    "plain-5.rar",
    "encrypted.zip",
    "encrypted.pdf",
    "macros.docm",
    "macros.doc",
    "deep4.zip"
  })
  void whatNoRuleNamesPasses(String name) throws IOException {
    String rules = "names = [\"*.exe\"], types = [\"application/x-msdownload\"]";
    boolean clean = name.startsWith("clean") || name.startsWith("plain");
    assertThat(why(clean ? rules + ", encrypted = on, macros = on" : rules, name, file(name)))
        .isEqualTo("no file that is not wanted");
  }

  @Test
  void a7zIsLookedIntoToo() throws IOException {
    String rules = "names = [\"*.exe\"], encrypted = on";
    assertThat(why(rules, "x.7z", sevenZ(null, "tool.exe")))
        .endsWith("\"tool.exe\" is named like *.exe, in \"x.7z\"");
    assertThat(why(rules, "x.7z", sevenZ("secret", "a.txt"))).endsWith("\"x.7z\" is encrypted");
    assertThat(why(rules, "x.7z", sevenZ(null, "a.txt"))).isEqualTo("no file that is not wanted");
  }

  private static byte[] sevenZ(String password, String name) throws IOException {
    return sevenZ(password, name, "hello".getBytes(US_ASCII));
  }

  private static byte[] sevenZ(String password, String name, byte[] content) throws IOException {
    var channel = new SeekableInMemoryByteChannel();
    try (var out =
        password == null
            ? new SevenZOutputFile(channel)
            : new SevenZOutputFile(channel, password.toCharArray())) {
      var entry = new SevenZArchiveEntry();
      entry.setName(name);
      out.putArchiveEntry(entry);
      out.write(content);
      out.closeArchiveEntry();
      out.finish();
    }
    byte[] all = new byte[(int) channel.size()];
    System.arraycopy(channel.array(), 0, all, 0, all.length);
    return all;
  }

  @ParameterizedTest
  @CsvSource({"TOOL.EXE", "'tool.exe. '", "dir\\\\tool.exe", "=?utf-8?q?tool=2Eexe?="})
  void aNameIsReadAsTheReaderReadsIt(String name) throws IOException {
    assertThat(why("names = [\"*.exe\"]", name, "x".getBytes(US_ASCII)))
        .containsIgnoringCase("tool.exe\" is named like *.exe");
  }

  /// Time that grows with the square of its length would be hours.
  @Test
  @Timeout(60)
  void aNameOfAlmostAMillionDotsIsReadLikeAnyOther() throws IOException {
    String name = ".".repeat(900_000) + "x.exe";
    assertThat(why("names = [\"*.exe\"]", name, new byte[0])).endsWith("is named like *.exe");
  }

  @Test
  void aTypeCountsAsTheMailSaysAndAsTheContentIs() throws IOException {
    String rules = "types = [\"application/x-msdownload\", \"image/*\"], on-found = hold";
    String program = part("a.pdf", "application/pdf", file("tool.exe"));
    assertThat(bench(rules).one(mail(program)).hold().reason())
        .contains("\"a.pdf\" is of type application/x-msdownload");
    String said = part("a.png", "image/png", "text".getBytes(US_ASCII));
    assertThat(bench(rules).one(mail(said)).hold().reason()).contains("is of type image/png");
  }

  @Test
  void aFileThatIsTooLargeIsRefused() throws IOException {
    var bench = bench("size-max = \"10 kB\"");
    var refused =
        bench.refused(mail(part("large.bin", "application/x", new byte[10_001])), "b@there.test");
    assertThat(refused.reply()).isEqualTo(ContentReplies.ATTACHMENT);
    assertThat(refused.rule()).contains("\"large.bin\" has 10001 octets");
    bench.one(mail(part("small.bin", "application/x", new byte[10_000])));
  }

  @Test
  void bombsAndWhatIsBrokenAreNotTakenForGood() throws IOException {
    String rules = "names = [\"*.exe\"], types = [\"application/x-msdownload\"]";
    assertThat(why(rules, "bomb.zip", file("bomb.zip")))
        .startsWith("unreadable = hold: its archives have more than 500000000 octets");
    assertThat(why(rules, "deep7.zip", file("deep7.zip")))
        .isEqualTo("unreadable = hold: it has archives in archives deeper than 5");
    rules = "names = [\"*.bat\"]";
    assertThat(why(rules, "broken.zip", file("broken.zip")))
        .startsWith("unreadable = hold: \"broken.zip\" cannot be read");
    var mail = mail(part("broken.zip", "application/zip", file("broken.zip")));
    assertThat(bench(rules + ", unreadable = reject").refused(mail, "b@there.test").reply())
        .isEqualTo(ContentReplies.TOO_COMPLEX);
    assertThat(bench(rules + ", unreadable = pass").one(mail).hold()).isNull();
  }

  /// What the library would keep in memory as a whole.
  private static byte[] zeros(byte[] head, long zeros) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(head);
      byte[] some = new byte[1024 * 1024];
      for (long left = zeros; left > 0; left -= some.length) {
        out.write(some);
      }
    }
    return packed.toByteArray();
  }

  private static byte[] tarHeader(char type, long size) throws IOException {
    var entry = new TarArchiveEntry("././@LongLink", (byte) type);
    entry.setSize(size);
    byte[] header = new byte[512];
    entry.writeEntryHeader(header);
    return header;
  }

  @ParameterizedTest
  @ValueSource(chars = {'L', 'K', 'x', 'g'})
  void aHeaderOfATarThatHasNoEndIsNotKeptInMemory(char type) throws IOException {
    byte[] start = Arrays.copyOf(tarHeader(type, 20_000_000), 512 + 17);
    System.arraycopy("19999999 comment=".getBytes(US_ASCII), 0, start, 512, 17);
    byte[] bomb = zeros(start, 20_000_000);
    assertThat(why("names = [\"*.exe\"]", "x.tar.gz", bomb))
        .startsWith("unreadable = hold: \"x.tar.gz\" cannot be read")
        .contains("of more than 65536");
  }

  @Test
  void aFileInAZipWithoutALengthIsNotKeptInMemory() throws IOException {
    // Version, flag of a data descriptor, not compressed, time, CRC, sizes, length of name, extra.
    byte[] header = new byte[31];
    System.arraycopy(new byte[] {'P', 'K', 3, 4, 10, 0, 8}, 0, header, 0, 7);
    header[26] = 1;
    header[30] = 'a';
    assertThat(why("names = [\"*.exe\"]", "x.zip.gz", zeros(header, 20_000_000)))
        .startsWith("unreadable = hold: \"x.zip.gz\" cannot be read")
        .contains("of more than 1048576");
  }

  private static AttachmentsService settings() {
    return (AttachmentsService)
        MadeUpServices.configuration("{ use = attachments, names = [\"*.exe\"] }")
            .content()
            .getFirst()
            .service();
  }

  @Test
  void one7zIsInMemoryAtATime() throws Exception {
    byte[] inner = sevenZ(null, "a.txt", "hello".getBytes(US_ASCII));
    assertThat(why("names = [\"*.exe\"]", "x.7z", sevenZ(null, "y.7z", inner)))
        .isEqualTo("unreadable = hold: \"y.7z\" is a 7z in a 7z");
    var time = Os.real().time();
    var permits = new Permits(1);
    var turn = new Permits.Turn(permits, time, time.nanos());
    var mime =
        mail(part("x.7z", "application/x", inner), part("y.7z", "application/x", inner))
            .mime(MimeLimits.STANDARD);
    assertThat(new Inspection(settings(), () -> false, turn).of(mime)).isEmpty();
    assertThat(turn.take()).isTrue();
    var late = new Inspection(settings(), () -> false, turn);
    assertThatThrownBy(() -> late.of(mime)).isInstanceOf(LateException.class);
  }

  @Test
  void a7zWhoseHeaderIsCompressedIsLookedInto() throws IOException {
    byte[] plain = sevenZ(null, "tool.exe");
    var in = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
    int at = (int) in.getLong(12);
    byte[] header = Arrays.copyOfRange(plain, 32 + at, plain.length);
    var packed = new ByteArrayOutputStream();
    var options = new LZMA2Options();
    options.setDictSize(4096);
    int properties;
    try (var out = new LZMAOutputStream(packed, options, false)) {
      out.write(header);
      properties = out.getProps();
    }
    // Where it is, its length, LZMA, its dictionary, its length when it is unpacked, its checksum.
    var encoded = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
    encoded.put(new byte[] {0x17, 6, (byte) (0x80 | at >> 8), (byte) at, 1, 9});
    encoded.put(new byte[] {(byte) (0x80 | packed.size() >> 8), (byte) packed.size(), 0, 7, 11});
    encoded.put(new byte[] {1, 0, 1, 0x23, 3, 1, 1, 5, (byte) properties}).putInt(4096);
    encoded.put(new byte[] {12, (byte) (0x80 | header.length >> 8), (byte) header.length, 10, 1});
    encoded.putInt(crc(header)).put(new byte[] {0, 0}).flip();
    byte[] last = Arrays.copyOf(encoded.array(), encoded.limit());
    var all = ByteBuffer.allocate(32 + at + packed.size() + last.length);
    all.order(ByteOrder.LITTLE_ENDIAN).put(plain, 0, 32 + at).put(packed.toByteArray()).put(last);
    all.putLong(12, at + packed.size()).putLong(20, last.length).putInt(28, crc(last));
    all.putInt(8, crc(Arrays.copyOfRange(all.array(), 12, 32)));
    assertThat(why("names = [\"*.exe\"]", "x.7z", all.array()))
        .endsWith("\"tool.exe\" is named like *.exe, in \"x.7z\"");
  }

  private static int crc(byte[] octets) {
    var crc = new CRC32();
    crc.update(octets);
    return (int) crc.getValue();
  }

  @Test
  void a7zThatIsCompressedManyTimesIsNotOpened() throws IOException {
    var channel = new SeekableInMemoryByteChannel();
    try (var out = new SevenZOutputFile(channel)) {
      var method = new SevenZMethodConfiguration(SevenZMethod.LZMA2, 4096);
      out.setContentMethods(List.of(method, method));
      var entry = new SevenZArchiveEntry();
      entry.setName("a.txt");
      out.putArchiveEntry(entry);
      out.write("hello".getBytes(US_ASCII));
      out.closeArchiveEntry();
      out.finish();
    }
    byte[] all = Arrays.copyOf(channel.array(), (int) channel.size());
    assertThat(why("names = [\"*.exe\"]", "x.7z", all))
        .isEqualTo("unreadable = hold: \"x.7z\" cannot be read: it is compressed several times");
  }

  @Test
  void whatTakesTooLongIsLeftToOnError() throws Exception {
    var settings = settings();
    var time = Os.real().time();
    var mail = mail(part("bomb.zip", "application/zip", file("bomb.zip")));
    var looks = new AtomicInteger();
    var turn = new Permits.Turn(new Permits(1), time, time.nanos());
    var inspection = new Inspection(settings, () -> looks.incrementAndGet() > 100, turn);
    var mime = mail.mime(MimeLimits.STANDARD);
    assertThatThrownBy(() -> inspection.of(mime)).isInstanceOf(LateException.class);
    assertThat(looks).hasValue(101);
    var rules = new AttachmentRules(settings, MimeLimits.STANDARD, time);
    var facts = MadeUpServices.facts("a@here.test", "b@there.test");
    assertThatThrownBy(() -> rules.examine(mail, facts, Duration.ofSeconds(-1)))
        .isInstanceOf(ServiceException.class)
        .hasMessageStartingWith("it took longer than");
  }

  @Test
  void aFileIsRemovedWithANoticeInItsPlaceAndAllElseStays() throws Exception {
    String before = part("clean.pdf", "application/pdf", file("clean.pdf"));
    String bad = part("M\u00e4rz.exe", "application/x-msdownload", file("tool.exe"));
    String behind = part("clean.zip", "application/zip", file("clean.zip"));
    var mail = mail(before, bad, behind);
    var bench =
        bench("names = [\"*.exe\"], on-found = strip, notice = \"Weg: {name}, denn {reason} – ä\"");
    var variant = bench.one(mail);
    String now = new String(variant.message().octets().bytes(), ISO_8859_1);
    String was = new String(mail.octets().bytes(), ISO_8859_1);
    int at = was.indexOf(bad);
    assertThat(now).startsWith(was.substring(0, at)).endsWith(behind + "--b--\r\n");
    var mime = variant.message().mime(MimeLimits.STANDARD);
    var notice = mime.parts().get(3);
    assertThat(notice.type()).isEqualTo("text/plain");
    assertThat(new String(mime.decoded(notice).readAllBytes(), UTF_8))
        .isEqualTo("Weg: März.exe, denn \"März.exe\" is named like *.exe – ä\r\n");
    assertThat(mime.parts()).hasSize(mail.mime(MimeLimits.STANDARD).parts().size());
    assertThat(variant.notes().getFirst().reason())
        .isEqualTo("removed: \"März.exe\" is named like *.exe");
  }

  @Test
  void aMailThatIsNothingButTheFileKeepsItsOtherFields() throws Exception {
    var mail =
        message(
            "Subject: x\r\n"
                + "MIME-Version: 1.0\r\n"
                + "Content-Type: application/x-msdownload;\r\n"
                + " name=a.exe\r\n"
                + "X-Mailer: y\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n"
                + "TVqQ\r\n");
    var now = bench("names = [\"*.exe\"], on-found = strip").one(mail).message();
    assertThat(new String(now.header(), US_ASCII))
        .isEqualTo(
            "Received: by relay\r\nSubject: x\r\nMIME-Version: 1.0\r\nX-Mailer: y\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n");
    assertThat(new String(now.body().bytes(), US_ASCII)).contains("was removed from this mail");
  }

  @Test
  void aFileInAnAttachedMailIsFound() throws IOException {
    String inner =
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n"
            + "Content-Type: application/octet-stream; name=a.exe\r\n\r\nx\r\n";
    assertThat(bench("names = [\"*.exe\"], on-found = hold").one(mail(inner)).hold().reason())
        .contains("\"a.exe\" is named like *.exe");
  }
}
