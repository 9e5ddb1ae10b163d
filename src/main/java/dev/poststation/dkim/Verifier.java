package dev.poststation.dkim;

import dev.poststation.dns.DomainName;
import dev.poststation.dns.Resolver;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.HeaderFields.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Verifies the signatures of one mail (RFC 6376 6). Each key is asked for once, and the body is
/// hashed once in each form. Confined to one thread.
final class Verifier {
  /// So many signatures of authors are looked at: each costs a question and a calculation.
  static final int SIGNATURES_MOST = 10;

  private final byte[] header;
  private final HeaderFields fields;
  private final Octets body;
  private final Resolver resolver;
  private final Instant now;
  private final BooleanSupplier late;
  private final Map<Form, byte[]> hashes = new EnumMap<>(Form.class);
  private final Map<String, PublishedKey> keys = new HashMap<>();

  /// How a signature is.
  enum Result {
    /// It is good.
    PASS,
    /// It was made of something else.
    FAIL,
    /// It is none that could be good.
    PERMERROR,
    /// Nobody knows now.
    TEMPERROR
  }

  /// What is known of a signature.
  ///
  /// @param tags of the signature; those that are there
  /// @param why a clause; empty where it is good
  record Verdict(Result result, Tags tags, String why) {}

  /// Why a signature is not good.
  private static final class Bad extends Exception {
    private static final long serialVersionUID = 1;
    private final Result result;

    private Bad(Result result, String why) {
      super(why);
      this.result = result;
    }

    private static Bad malformed(String why) {
      return new Bad(Result.PERMERROR, why);
    }
  }

  /// @param header all fields of the mail, with CRLF, without the empty line
  /// @param late whether no time is left to ask for one more key
  Verifier(byte[] header, Octets body, Resolver resolver, Instant now, BooleanSupplier late) {
    this.header = header;
    this.fields = HeaderFields.of(header, true);
    this.body = body;
    this.resolver = resolver;
    this.now = now;
    this.late = late;
  }

  HeaderFields fields() {
    return fields;
  }

  /// The text behind the colon of a field.
  String value(Field field) {
    return field.raw(header);
  }

  /// What is to be said of the signatures of the mail, the latest first: of the first ten of them.
  ///
  /// @throws IOException when the body cannot be read
  List<Verdict> signatures() throws IOException {
    List<Verdict> all = new ArrayList<>();
    for (var field : fields.fields()) {
      if (field.name().equals("dkim-signature") && all.size() < SIGNATURES_MOST) {
        all.add(signature(field));
      }
    }
    return all;
  }

  private Verdict signature(Field field) throws IOException {
    var tags = Tags.parse(value(field));
    if (tags.isEmpty()) {
      return new Verdict(Result.PERMERROR, new Tags(Map.of()), "it is no list of tags");
    }
    try {
      if (!tags.get().get("v").equals("1")) {
        throw Bad.malformed("its v= is not 1");
      }
      var names = names(tags.get());
      if (!names.contains("from")) {
        throw Bad.malformed("it does not sign From"); // RFC 6376 5.4
      }
      identity(tags.get());
      check(field, tags.get(), names, "simple/simple");
      strict(tags.get());
      return new Verdict(Result.PASS, tags.get(), "");
    } catch (Bad e) {
      return new Verdict(e.result, tags.get(), String.valueOf(e.getMessage()));
    }
  }

  /// RFC 6376 6.1.1: for whom is signed is at the domain, or below it.
  private static void identity(Tags tags) throws Bad {
    if (!tags.has("i")) {
      return;
    }
    String whose = tags.packed("i").toLowerCase(Locale.ROOT);
    String domain = tags.get("d").toLowerCase(Locale.ROOT);
    if (!whose.endsWith("@" + domain) && !whose.endsWith("." + domain)) {
      throw Bad.malformed("its i= is not of its d=");
    }
  }

  /// `t=s` of its key: `i=` has the very domain (RFC 6376 3.6.1). In ARC that tag is a number.
  private void strict(Tags tags) throws Bad {
    String domain = "@" + tags.packed("d").toLowerCase(Locale.ROOT);
    boolean below = tags.has("i") && !tags.packed("i").toLowerCase(Locale.ROOT).endsWith(domain);
    if (below && key(tags).strict()) {
      throw Bad.malformed("its i= is below its d=, which its key forbids");
    }
  }

  /// A signature over the mail in ARC (RFC 8617 4.1.2).
  ///
  /// @throws IOException when the body cannot be read
  Verdict messageSignature(Field field, Tags tags) throws IOException {
    try {
      var names = names(tags);
      if (names.contains("arc-seal")) {
        throw Bad.malformed("its h= has ARC-Seal");
      }
      // The published suite of ARC, and verifiers, take it so; RFC 6376 would say simple/simple.
      check(field, tags, names, "relaxed/relaxed");
      return new Verdict(Result.PASS, tags, "");
    } catch (Bad e) {
      return new Verdict(e.result, tags, String.valueOf(e.getMessage()));
    }
  }

  private static List<String> names(Tags tags) throws Bad {
    if (!tags.has("h")) {
      throw Bad.malformed("it has no h=");
    }
    return Arrays.stream(tags.packed("h").toLowerCase(Locale.ROOT).split(":")).toList();
  }

  /// @param usual what holds without `c=`
  private void check(Field field, Tags tags, List<String> names, String usual)
      throws Bad, IOException {
    var forms = forms(tags.has("c") ? tags.packed("c") : usual);
    if (tags.has("l")) {
      throw new Bad(Result.FAIL, "its l= lets anybody add to the mail");
    }
    times(tags);
    byte[] wanted = decoded(tags, "bh");
    var key = key(tags);
    if (!Arrays.equals(wanted, hash(forms[1]))) {
      throw new Bad(Result.FAIL, "the body was changed");
    }
    var out = new ByteArrayOutputStream(header.length);
    for (var each : signed(field, names)) {
      Canonical.field(forms[0], header, each.start(), each.value(), each.end(), true, out);
    }
    own(forms[0], field, out);
    if (!verifies(key, out.toByteArray(), decoded(tags, "b"))) {
      throw new Bad(Result.FAIL, "the header was changed, or the key is another one");
    }
  }

  /// The field itself, with nothing behind `b=` and no line end.
  void own(Form form, Field field, ByteArrayOutputStream out) {
    int front = field.value() - field.start();
    String name = new String(header, field.start(), front, StandardCharsets.ISO_8859_1);
    String unsigned = name + Tags.unsigned(value(field));
    byte[] octets = unsigned.getBytes(StandardCharsets.ISO_8859_1);
    Canonical.field(form, octets, 0, front, octets.length, false, out);
  }

  /// From the bottom upwards (RFC 6376 5.4.2); a name of which none is left means nothing.
  private List<Field> signed(Field own, List<String> names) {
    Map<String, List<Field>> left = new HashMap<>();
    for (var field : fields.fields()) {
      if (!field.equals(own)) {
        left.computeIfAbsent(field.name(), _ -> new ArrayList<>(1)).add(field);
      }
    }
    List<Field> signed = new ArrayList<>(names.size());
    for (String name : names) {
      var all = left.get(name);
      if (all != null && !all.isEmpty()) {
        signed.add(all.removeLast());
      }
    }
    return signed;
  }

  private static Form[] forms(String text) throws Bad {
    String[] words = text.split("/", 2);
    Form[] forms = new Form[2];
    for (int i = 0; i < 2; i++) {
      String word = i < words.length ? words[i] : "simple";
      forms[i] =
          EnumSet.allOf(Form.class).stream()
              .filter(form -> form.word().equals(word))
              .findFirst()
              .orElseThrow(() -> Bad.malformed("its c= is not known"));
    }
    return forms;
  }

  private void times(Tags tags) throws Bad {
    for (String tag : List.of("t", "x")) {
      if (tags.has(tag) && !tags.get(tag).matches("[0-9]{1,12}")) {
        throw Bad.malformed("its " + tag + "= is no time");
      }
    }
    if (tags.has("x") && Long.parseLong(tags.get("x")) < now.getEpochSecond()) {
      throw new Bad(Result.FAIL, "it has expired");
    }
  }

  private static byte[] decoded(Tags tags, String tag) throws Bad {
    try {
      byte[] octets = Base64.getDecoder().decode(tags.packed(tag));
      if (octets.length > 0) {
        return octets;
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw Bad.malformed("its " + tag + "= is no base64");
  }

  private byte[] hash(Form form) throws IOException {
    var known = hashes.get(form);
    if (known != null) {
      return known;
    }
    var all = BodyHash.of(body, Set.of(form));
    hashes.putAll(all);
    return Optional.ofNullable(all.get(form)).orElseThrow();
  }

  /// The key of a signature.
  private PublishedKey.Good key(Tags tags) throws Bad {
    String domain = tags.packed("d");
    String selector = tags.packed("s");
    var algorithm =
        Algorithm.of(tags.get("a")).orElseThrow(() -> Bad.malformed("its a= is not known"));
    var name = DomainName.ascii(domain.toLowerCase(Locale.ROOT));
    if (selector.isEmpty() || name.isEmpty() || !domain.contains(".")) {
      throw Bad.malformed("it names no key (d=, s=)");
    }
    String which = selector + " " + name.get();
    if (!keys.containsKey(which) && late.getAsBoolean()) {
      throw new Bad(Result.TEMPERROR, "no time is left to ask for its key");
    }
    var key = keys.computeIfAbsent(which, _ -> PublishedKey.look(resolver, selector, name.get()));
    return switch (key) {
      case PublishedKey.Good good -> {
        if (good.algorithm() != algorithm) {
          throw Bad.malformed("its key is not for its a=");
        }
        yield good;
      }
      case PublishedKey.None(var why) -> throw Bad.malformed(why);
      case PublishedKey.Unknown(var why) -> throw new Bad(Result.TEMPERROR, why);
    };
  }

  private static boolean verifies(PublishedKey.Good key, byte[] hashed, byte[] value) {
    try {
      var signature = Signature.getInstance(key.algorithm().java());
      signature.initVerify(key.key());
      signature.update(
          key.algorithm() == Algorithm.ED25519_SHA256 ? BodyHash.sha256().digest(hashed) : hashed);
      return signature.verify(value);
    } catch (GeneralSecurityException _) {
      return false; // Java says so of values that are too long.
    }
  }

  /// A seal of ARC (RFC 8617 4.1.3).
  ///
  /// @param before the fields that it is about, in their order
  Verdict seal(Field field, Tags tags, List<Field> before) {
    try {
      if (tags.has("h")) {
        throw Bad.malformed("it has h=");
      }
      times(tags);
      var key = key(tags);
      var out = new ByteArrayOutputStream();
      for (var each : before) {
        Canonical.field(Form.RELAXED, header, each.start(), each.value(), each.end(), true, out);
      }
      own(Form.RELAXED, field, out);
      if (!verifies(key, out.toByteArray(), decoded(tags, "b"))) {
        throw new Bad(Result.FAIL, "what it seals was changed, or the key is another one");
      }
      return new Verdict(Result.PASS, tags, "");
    } catch (Bad e) {
      return new Verdict(e.result, tags, String.valueOf(e.getMessage()));
    }
  }
}
