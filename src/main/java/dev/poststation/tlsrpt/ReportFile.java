package dev.poststation.tlsrpt;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;

/// Reads a report from whatever it came in: as it is, compressed, or the whole mail. Bounded. Pure
/// functions.
public final class ReportFile {
  /// Octets of a report, after decompression: the largest known have some 100 KB.
  private static final int SIZE_MAX = 20_000_000;

  private ReportFile() {}

  /// Reads one.
  ///
  /// @param octets the file
  /// @throws IOException when there is none; the message is one clause that says why
  public static TlsReport read(byte[] octets) throws IOException {
    if (isGzip(octets)) {
      return ReportJson.read(unpacked(octets));
    }
    int start = 0;
    while (start < octets.length && octets[start] <= ' ') {
      start++;
    }
    return start < octets.length && octets[start] == '{'
        ? ReportJson.read(octets)
        : ReportJson.read(inMail(octets));
  }

  private static boolean isGzip(byte[] octets) {
    return octets.length > 2 && octets[0] == 0x1f && octets[1] == (byte) 0x8b;
  }

  private static byte[] unpacked(byte[] octets) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(octets))) {
      return bounded(in);
    } catch (java.util.zip.ZipException | java.io.EOFException e) {
      throw new IOException("it is compressed, but damaged", e);
    }
  }

  private static byte[] bounded(InputStream in) throws IOException {
    byte[] octets = in.readNBytes(SIZE_MAX + 1);
    if (octets.length > SIZE_MAX) {
      throw new IOException("it has more than " + SIZE_MAX + " octets");
    }
    return octets;
  }

  /// The first part that is a report by its type, or by the name of its file.
  private static byte[] inMail(byte[] mail) throws IOException {
    var config = MimeConfig.custom().setMaxHeaderCount(-1).setMaxLineLen(-1).build();
    var stream = new MimeTokenStream(config);
    stream.parse(new ByteArrayInputStream(mail));
    try {
      String file = "";
      for (var state = stream.getState();
          state != EntityState.T_END_OF_STREAM;
          state = stream.next()) {
        switch (state) {
          case T_START_HEADER -> file = "";
          case T_FIELD -> file = file.isEmpty() ? named(stream.getField().getBody()) : file;
          case T_BODY -> {
            var part = stream.getBodyDescriptor();
            if (part.getMimeType().startsWith("application/tlsrpt") || !file.isEmpty()) {
              byte[] octets = bounded(stream.getDecodedInputStream());
              return isGzip(octets) ? unpacked(octets) : octets;
            }
          }
          default -> {}
        }
      }
    } catch (MimeException e) {
      throw new IOException("it is neither JSON nor a mail that can be read", e);
    }
    throw new IOException("it is neither a report nor a mail with one");
  }

  private static String named(String field) {
    String text = field.toLowerCase(Locale.ROOT);
    return text.contains(".json.gz") || text.contains(".json\"") || text.endsWith(".json")
        ? text
        : "";
  }
}
