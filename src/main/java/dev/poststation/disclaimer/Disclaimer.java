package dev.poststation.disclaimer;

import dev.poststation.config.DisclaimerService.Position;
import dev.poststation.mime.Mime;
import dev.poststation.mime.Part;
import dev.poststation.mime.Splice;
import dev.poststation.mime.TooComplexException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jsoup.Jsoup;

/// Puts the words into a mail. Immutable, safe for any thread.
///
/// @param oncePerThread whether an answer that still quotes them gets them no more
public record Disclaimer(Position position, boolean oncePerThread) {
  /// What becomes of a mail.
  public sealed interface Result {
    /// It gets them.
    ///
    /// @param where the types of the parts that do
    record Added(List<Splice> splices, List<String> where) implements Result {
      public Added {
        splices = List.copyOf(splices);
        where = List.copyOf(where);
      }
    }

    /// It stays as it is.
    record Left(String why) implements Result {}

    /// There was no time to look at all of it.
    record Late() implements Result {}
  }

  /// Puts them in.
  ///
  /// @param late whether the time is over; asked before each part
  /// @throws TooComplexException when its text is too large for a text
  /// @throws IOException when the spool cannot read it
  public Result put(Wording.Filled words, Mime mime, BooleanSupplier late)
      throws IOException, TooComplexException {
    var reason = Reasons.of(mime.root());
    if (reason.isPresent()) {
      return new Result.Left(reason.get());
    }
    var parts = Targets.of(mime.root(), position != Position.START);
    if (parts.isEmpty()) {
      return withoutText(words, mime);
    }
    boolean answer =
        mime.root().field("in-reply-to").isPresent() || mime.root().field("references").isPresent();
    List<Splice> splices = new ArrayList<>();
    List<String> where = new ArrayList<>(2);
    int left = Body.DECODED_MAX;
    for (Part part : parts) {
      if (late.getAsBoolean()) {
        return new Result.Late();
      }
      var body = Body.of(mime, part, left);
      left -= body.size();
      boolean html = part.type().equals("text/html");
      var tooMuch = html ? Markup.tooMuch(body.view()) : Optional.<String>empty();
      if (tooMuch.isPresent()) {
        throw new TooComplexException(tooMuch.get());
      }
      if (!html && body.view().contains("-----BEGIN PGP ")) {
        return new Result.Left("it is signed or encrypted (OpenPGP in the text)");
      }
      if (answer && oncePerThread && has(words, body, html)) {
        return new Result.Left("the mail that it answers has it");
      }
      var changes = body.with(html ? html(body, words) : plain(part, body, words));
      splices.addAll(changes);
      if (!changes.isEmpty()) {
        where.add(part.type());
      }
    }
    return splices.isEmpty()
        ? new Result.Left("nobody knows the encoding of its text")
        : new Result.Added(splices, where);
  }

  private static boolean has(Wording.Filled words, Body body, boolean html) {
    String text = Wording.plain(html ? Jsoup.parse(body.text()).text() : body.text());
    return words.marks().stream().anyMatch(text::contains);
  }

  private Insertion html(Body body, Wording.Filled words) {
    return Html.of(body.view(), words.html(), position);
  }

  private Insertion plain(Part part, Body body, Wording.Filled words) {
    var type = part.contentType();
    boolean flowed = type.parameter("format").filter("flowed"::equalsIgnoreCase).isPresent();
    boolean delSp = type.parameter("delsp").filter("yes"::equalsIgnoreCase).isPresent();
    return PlainText.of(body.view(), words.text(), position, flowed, delSp);
  }

  /// A mail of files alone, as scanners send it, gets a text of its own.
  private static Result withoutText(Wording.Filled words, Mime mime) {
    var root = mime.root();
    if (!root.type().equals("multipart/mixed") || root.parts().isEmpty()) {
      return new Result.Left("it has no text (" + root.type() + ")");
    }
    long place = root.parts().getFirst().start();
    String boundary = root.contentType().parameter("boundary").orElse("").stripTrailing();
    return new Result.Added(
        List.of(new Splice(place, place, Body.alone(words.text(), boundary))),
        List.of("text/plain, which it did not have"));
  }
}
