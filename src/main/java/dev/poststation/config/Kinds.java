package dev.poststation.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The kinds of values that the configuration knows.
final class Kinds {
  static final Kind<String> TEXT = new Kind<>("text", Kind.Form.QUOTED, (text, _) -> text(text));

  static final Kind<Boolean> FLAG =
      new Kind<>("`on` or `off`", Kind.Form.FLAG, (text, _) -> flag(text));

  /// The name of a client, connector or listener.
  static final Kind<String> NAME =
      new Kind<>("name", Kind.Form.WORD, (text, _) -> Names.word(text));

  static final Kind<String> HOSTNAME =
      new Kind<>("host name", Kind.Form.QUOTED, (text, _) -> Names.hostname(text));

  static final Kind<String> PATTERN =
      new Kind<>("address pattern", Kind.Form.QUOTED, (text, _) -> Names.pattern(text));

  static final Kind<Connector.Host> HOST =
      new Kind<>("host", Kind.Form.QUOTED, (text, _) -> Names.host(text));

  static final Kind<Connector.Host> LMTP_HOST =
      new Kind<>("host", Kind.Form.QUOTED, (text, _) -> Names.lmtpHost(text));

  static final Kind<InetAddress> ADDRESS =
      new Kind<>("numeric address", Kind.Form.QUOTED, (text, _) -> Addresses.address(text));

  static final Kind<Cidr> NETWORK =
      new Kind<>("network", Kind.Form.QUOTED, (text, _) -> Addresses.network(text));

  /// Octets in a second.
  static final Kind<Long> BANDWIDTH =
      new Kind<>("bandwidth", Kind.Form.QUOTED, (text, _) -> Units.bandwidth(text));

  /// Where clients connect.
  static final Kind<InetSocketAddress> LISTENING = socket(25, "0.0.0.0:25 or [::]:25");

  /// A name server.
  static final Kind<InetSocketAddress> NAME_SERVER = socket(53, "127.0.0.1:53 or [::1]:53");

  private Kinds() {}

  private static Kind<InetSocketAddress> socket(int port, String example) {
    return new Kind<>(
        "address:port", Kind.Form.QUOTED, (text, _) -> Addresses.socket(text, port, example));
  }

  /// Where something is served that nobody else should get to.
  ///
  /// @param usual the port that is the default
  static Kind<InetSocketAddress> local(int usual) {
    return new Kind<>("address:port", Kind.Form.QUOTED, (text, _) -> Addresses.local(text, usual));
  }

  static Kind<Integer> integer(int least, int most) {
    String range = "from " + least + " to " + most;
    return new Kind<>(
        "whole number " + range,
        Kind.Form.NUMBER,
        (text, _) -> {
          try {
            int value = Integer.parseInt(text.strip());
            return value >= least && value <= most
                ? Parsed.good(value)
                : Parsed.bad("is out of range", "write a whole number " + range);
          } catch (NumberFormatException _) {
            return Parsed.bad("is no whole number in range", "write a whole number " + range);
          }
        });
  }

  /// @param least in the form of a value: `64 kB`
  static Kind<Long> size(String least, String most) {
    long from = size(least);
    long to = size(most);
    return new Kind<>(
        "size from " + least + " to " + most,
        Kind.Form.QUOTED,
        (text, _) ->
            switch (Units.size(text)) {
              case Parsed.Good<Long>(Long value) when value < from ->
                  Parsed.bad("is too small", "write at least \"" + least + "\"");
              case Parsed.Good<Long>(Long value) when value > to ->
                  Parsed.bad("is too large", "write at most \"" + most + "\"");
              case Parsed<Long> other -> other;
            });
  }

  private static long size(String text) {
    return new Kind<>("size", Kind.Form.QUOTED, (given, _) -> Units.size(given)).standard(text);
  }

  /// @param least in the form of a value: `1 s`
  static Kind<Duration> duration(String least, String most) {
    var any = new Kind<>("duration", Kind.Form.QUOTED, (given, _) -> Units.duration(given));
    Duration from = any.standard(least);
    Duration to = any.standard(most);
    return new Kind<>(
        "duration from " + least + " to " + most,
        Kind.Form.QUOTED,
        (text, _) ->
            switch (Units.duration(text)) {
              case Parsed.Good<Duration>(Duration value) when value.compareTo(from) < 0 ->
                  Parsed.bad("is too short", "write at least \"" + least + "\"");
              case Parsed.Good<Duration>(Duration value) when value.compareTo(to) > 0 ->
                  Parsed.bad("is too long", "write at most \"" + most + "\"");
              case Parsed<Duration> other -> other;
            });
  }

  /// Days, weeks, months and years of the calendar.
  static final Kind<Period> PERIOD =
      new Kind<>(
          "days, weeks, months or years, from 1 day to 200 years",
          Kind.Form.QUOTED,
          (text, _) -> Units.period(text));

  /// One of the constants, in lower case and with hyphens.
  ///
  /// @param later words that are fixed already, but that this version cannot do yet
  static <E extends Enum<E>> Kind<E> choice(Class<E> type, String... later) {
    List<E> constants = List.of(type.getEnumConstants());
    List<String> words = constants.stream().map(Kinds::word).toList();
    String all = words.stream().map(word -> "`" + word + "`").collect(Collectors.joining(", "));
    return new Kind<>(
        constants.size() == 1 ? all : "one of " + all,
        Kind.Form.WORD,
        (text, _) -> {
          int index = words.indexOf(text);
          return index >= 0 ? Parsed.good(constants.get(index)) : noChoice(text, words, later);
        });
  }

  /// The same kind, which knows what people mean by words of other programs.
  ///
  /// @param words what they write, and the word that it is here
  static <T> Kind<T> knowing(Kind<T> kind, Map<String, String> words) {
    return new Kind<>(
        kind.name(),
        kind.form(),
        (text, origin) ->
            words.containsKey(text)
                ? Parsed.bad(
                    "is none of the words known here", "did you mean \"" + words.get(text) + "\"?")
                : kind.read(text, origin));
  }

  private static <E> Parsed<E> noChoice(String text, List<String> words, String[] later) {
    List<String> known = new ArrayList<>(words);
    known.addAll(Arrays.asList(later));
    String others = "write " + String.join(", ", words);
    if (Arrays.asList(later).contains(text)) {
      return Parsed.bad("is not supported by this version yet", others);
    }
    return Parsed.bad("is none of the words known here", Nearest.remedy(text, known, others));
  }

  /// How a constant is written in the file.
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Parsed<String> text(String text) {
    return text.isBlank()
        ? Parsed.bad("is empty", "write something, or leave the key out")
        : Parsed.good(text);
  }

  private static Parsed<Boolean> flag(String text) {
    return switch (text) {
      case "on", "true", "yes" -> Parsed.good(true);
      case "off", "false", "no" -> Parsed.good(false);
      default -> Parsed.bad("is neither on nor off", "write on or off");
    };
  }
}
