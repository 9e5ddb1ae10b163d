package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.ContentService;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Hold;
import dev.poststation.message.Octets;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.PeerText;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Asks a clamd whether there is malware in a mail, by INSTREAM (clamd(8)): the mail in chunks,
/// each behind its length in four octets, and a chunk of length 0 at the end. Safe for any thread.
final class Clamav implements Service {
  private static final byte[] COMMAND = "zINSTREAM\0".getBytes(US_ASCII);
  private static final byte[] PING = "zPING\0".getBytes(US_ASCII);
  private static final int WINDOW = 64 * 1024;
  private static final int LENGTH = 4;

  /// More of an answer is not read; a name of malware is shorter.
  private static final int ANSWER_MAX = 1024;

  private static final String STREAM = "stream: ";
  private static final String FOUND = " FOUND";
  private static final String LIMIT = "INSTREAM size limit exceeded";

  private final ContentService.Clamav settings;
  private final Call call;

  Clamav(ContentService.Clamav settings, Resolver resolver, Os os) {
    this.settings = settings;
    this.call = new Call(settings.at(), resolver, os, _ -> PING);
  }

  @Override
  public String describe() {
    return "clamd at " + call.places();
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var octets = message.octets();
    String answer = call.make(atMost, (connection, _) -> ask(connection, octets));
    String result = answer.startsWith(STREAM) ? answer.substring(STREAM.length()) : answer;
    if (result.equals("OK")) {
      return new Finding.Unchanged("clamd found nothing");
    }
    if (result.endsWith(FOUND)) {
      return found(result.substring(0, result.length() - FOUND.length()));
    }
    if (result.startsWith(LIMIT)) {
      return Finding.tooLarge(
          settings.tooLarge(), "with " + message.size() + " octets it is larger than clamd takes");
    }
    String said = "clamd says: " + PeerText.of(result);
    throw answer.startsWith(STREAM)
        ? ServiceException.atThisMail(said)
        : ServiceException.down(said); // No word about this mail, or no clamd.
  }

  private Finding found(String malware) {
    return switch (settings.onFound()) {
      case REJECT -> new Finding.Refused(ContentReplies.MALWARE, "clamd found " + malware);
      case HOLD -> new Finding.Held(Hold.by("on-found", "clamd found " + malware));
      case QUARANTINE -> new Finding.Quarantined("on-found = quarantine: clamd found " + malware);
    };
  }

  /// clamd answers, and closes, in the middle of a mail that is too large: its answer is there to
  /// be read though no more can be written.
  private static String ask(Connection connection, Octets octets)
      throws IOException, ServiceException {
    try {
      connection.write(COMMAND, 0, COMMAND.length);
      send(connection, octets);
    } catch (IOException e) {
      String answer = answer(connection, e);
      if (!answer.isEmpty()) {
        return answer;
      }
      throw e;
    }
    String answer = answer(connection, null);
    if (answer.isEmpty()) {
      throw new EOFException("clamd closed the connection without an answer");
    }
    return answer;
  }

  private static void send(Connection connection, Octets octets)
      throws IOException, ServiceException {
    byte[] window = new byte[LENGTH + WINDOW];
    for (long at = 0; at < octets.size(); ) {
      int count = Wire.read(octets, at, window, LENGTH, WINDOW);
      at += count;
      length(window, count);
      connection.write(window, 0, LENGTH + count);
    }
    length(window, 0);
    connection.write(window, 0, LENGTH);
  }

  private static void length(byte[] window, int count) {
    for (int i = 0; i < LENGTH; i++) {
      window[i] = (byte) (count >>> (8 * (LENGTH - 1 - i)));
    }
  }

  /// @param failed what happened before, or null
  private static String answer(Connection connection, @Nullable IOException failed)
      throws IOException {
    var text = new ByteArrayOutputStream();
    byte[] window = new byte[ANSWER_MAX];
    try {
      while (text.size() < ANSWER_MAX) {
        int count = connection.read(window, 0, ANSWER_MAX - text.size());
        if (count < 0 || window[count - 1] == 0) {
          text.write(window, 0, Math.max(0, count - 1));
          break;
        }
        text.write(window, 0, count);
      }
    } catch (IOException e) {
      if (failed == null) {
        throw e;
      }
    }
    return text.toString(UTF_8).strip();
  }
}
