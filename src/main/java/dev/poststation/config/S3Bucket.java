package dev.poststation.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A bucket of an object store that speaks S3, and how it is reached. Immutable.
///
/// @param endpoint scheme, host and port of the store
/// @param region what the store takes requests for
/// @param prefix in front of all names of objects; empty, or with a slash at its end
/// @param pathStyle whether the bucket stands in the path, and not in front of the host
/// @param accessKey the name of the key
/// @param secretKey what requests are signed with
/// @param authorities who vouches for the certificate; null: those of the machine
/// @param encryption what the store shall do before it writes
/// @param kmsKey by which key of its own; empty: the usual one
public record S3Bucket(
    URI endpoint,
    String region,
    String name,
    String prefix,
    boolean pathStyle,
    String accessKey,
    Secret secretKey,
    @Nullable Path authorities,
    Encryption encryption,
    String kmsKey) {
  static final List<String> KEYS =
      List.of(
          "bucket",
          "endpoint",
          "region",
          "prefix",
          "path-style",
          "access-key",
          "secret-key",
          "authorities",
          "encryption",
          "kms-key");

  /// How the store encrypts what it writes.
  public enum Encryption {
    /// As it does for everybody.
    NONE,
    /// By a key of the store.
    AES256,
    /// By a key of its key management.
    KMS
  }

  /// What the stores that are no cloud of Amazon take.
  private static final String USUAL_REGION = "us-east-1";

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?");
  private static final int PREFIX_MAX = 200;

  private static final Kind<String> NAMES =
      new Kind<>(
          "name of a bucket",
          Kind.Form.WORD,
          (text, _) ->
              BUCKET.matcher(text).matches() && !text.contains("..")
                  ? Parsed.good(text)
                  : Parsed.bad(
                      "is no name of a bucket",
                      "write 3 to 63 lowercase letters, digits, hyphens and dots"));

  private static final Kind<String> REGIONS =
      new Kind<>(
          "region",
          Kind.Form.WORD,
          (text, _) ->
              REGION.matcher(text).matches()
                  ? Parsed.good(text)
                  : Parsed.bad("is no region", "write one like eu-central-1"));

  private static final Kind<String> PREFIXES =
      new Kind<>(
          "folder",
          Kind.Form.QUOTED,
          (text, _) ->
              PREFIX.matcher(text).matches() && text.length() <= PREFIX_MAX
                  ? Parsed.good(text.endsWith("/") ? text : text + "/")
                  : Parsed.bad(
                      "is no folder in a bucket",
                      "write letters, digits, hyphens, dots, underscores, and slashes between them,"
                          + " such as \"relay1/mail\""));

  private static final Kind<URI> ENDPOINTS =
      new Kind<>("URL", Kind.Form.QUOTED, (text, _) -> endpoint(text));

  private static Parsed<URI> endpoint(String text) {
    String remedy = "write one like \"https://s3.example.com:9000\"";
    try {
      var uri = new URI(text);
      if (!"https".equals(uri.getScheme()) && !"http".equals(uri.getScheme())) {
        return Parsed.bad("does not begin with https:// or http://", remedy);
      }
      if (uri.getHost() == null || uri.getRawUserInfo() != null) {
        return Parsed.bad("names no host", remedy);
      }
      boolean more =
          !List.of("", "/").contains(uri.getRawPath())
              || uri.getRawQuery() != null
              || uri.getRawFragment() != null;
      return more
          ? Parsed.bad(
              "has more than a host and a port", remedy + "; the bucket has a key of its own")
          : Parsed.good(URI.create(uri.getScheme() + "://" + uri.getRawAuthority()));
    } catch (URISyntaxException _) {
      return Parsed.bad("is no URL", remedy);
    }
  }

  /// Reads it; empty where its secret is missing, which was told.
  static Optional<S3Bucket> read(Section in) {
    String name =
        in.required(
            "bucket",
            NAMES,
            "none",
            "mail-archive",
            """
            Of `archive` with `to = s3`: the bucket, which must be there.
            """);
    Optional<URI> endpoint = endpoint(in);
    String region = region(in, endpoint.isPresent());
    String prefix =
        in.optional(
                "prefix",
                PREFIXES,
                Standard.none("none", "relay1/mail"),
                """
                Of `archive` with `to = s3`: the folder of the bucket in which the folders of days are.
                """)
            .orElse("");
    boolean path = endpoint.isPresent() || name.contains(".");
    boolean pathStyle =
        in.read(
            "path-style",
            Kinds.FLAG,
            Standard.computed(
                path,
                path ? "on" : "off",
                "`on` with an `endpoint`, or a dot in the name of the bucket",
                "on"),
            """
            Of `archive` with `to = s3`: whether the bucket stands in the path of its URL
            (`https://host/bucket/…`), as most servers have it, or in front of the host.
            """);
    String accessKey =
        in.required(
            "access-key",
            Kinds.TEXT,
            "none",
            "AKIAIOSFODNN7EXAMPLE",
            """
            Of `archive` with `to = s3`: the ID of the access key. It needs the right to put objects
            into the bucket (s3:PutObject), and none to read or remove them.
            """);
    Optional<Secret> secretKey = secretKey(in);
    Optional<Path> authorities =
        in.optional(
            "authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/s3-ca.pem"),
            """
            Of `archive` with `to = s3`: a PEM file with the authorities that vouch for the
            certificate of the store, and no others do. Read anew when it changes.
            """);
    CertificateFiles.check(in, "authorities", authorities.orElse(Path.of("?")));
    Encryption encryption =
        in.read(
            "encryption",
            Kinds.choice(Encryption.class),
            "none",
            """
            Of `archive` with `to = s3`: how the store is told to encrypt what it writes: `aes256`
            (SSE-S3), `kms` (SSE-KMS, by `kms-key` or its usual key), or `none`: as the bucket is
            set up.
            """);
    String kmsKey = kmsKey(in, encryption);
    return secretKey.map(
        secret ->
            new S3Bucket(
                endpoint.orElseGet(() -> URI.create("https://s3." + region + ".amazonaws.com")),
                region,
                name,
                prefix,
                pathStyle,
                accessKey,
                secret,
                authorities.orElse(null),
                encryption,
                kmsKey));
  }

  private static Optional<URI> endpoint(Section in) {
    var endpoint =
        in.optional(
            "endpoint",
            ENDPOINTS,
            Standard.<URI>none("that of Amazon for `region`", "https://s3.example.com:9000"),
            """
            Of `archive` with `to = s3`: where the object store is. All that speak S3 with signatures
            of version 4 will do.
            """);
    if (endpoint.isPresent()
        && endpoint.get().getScheme().equals("http")
        && !isHere(endpoint.get())) {
      in.warning(
          "endpoint",
          in.path("endpoint") + ": whoever sees the traffic can read the mail",
          "write https://");
    }
    return endpoint;
  }

  private static boolean isHere(URI endpoint) {
    String host = endpoint.getHost().replaceAll("[\\[\\]]", "");
    return host.equals("localhost")
        || Addresses.numeric(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  private static String region(Section in, boolean elsewhere) {
    var region =
        in.optional(
            "region",
            REGIONS,
            Standard.<String>none(
                "us-east-1 with an `endpoint`; else it must be written", "eu-central-1"),
            """
            Of `archive` with `to = s3`: the region for which requests are signed.
            """);
    if (region.isEmpty() && !elsewhere && !in.refused("region") && !in.refused("endpoint")) {
      missing(in, "region", "region = eu-central-1, or endpoint = \"https://s3.example.com\"");
    }
    return region.orElse(USUAL_REGION);
  }

  private static Optional<Secret> secretKey(Section in) {
    var secret =
        in.optional(
            "secret-key",
            in.secret(),
            Standard.<Secret>none("none; it must be written", "file:/etc/poststation/s3.secret"),
            """
            Of `archive` with `to = s3`: the secret of the access key.
            """);
    if (secret.isEmpty() && !in.refused("secret-key")) {
      missing(in, "secret-key", "secret-key = \"file:/etc/poststation/s3.secret\"");
    }
    return secret;
  }

  private static void missing(Section in, String key, String example) {
    if (!in.reading().documenting()) {
      in.reading()
          .problems()
          .error(in.origin(), in.where() + " has no " + key, "write, for example, " + example);
    }
  }

  private static String kmsKey(Section in, Encryption encryption) {
    var key =
        in.optional(
            "kms-key",
            Kinds.TEXT,
            Standard.<String>none("the usual one of the store", "alias/mail-archive"),
            """
            Of `archive` with `to = s3` and `encryption = kms`: the key of the key management.
            """);
    if (key.isPresent() && encryption != Encryption.KMS) {
      in.misplaced("kms-key", "encryption = " + Kinds.word(encryption), "encryption = kms");
    }
    return key.orElse("");
  }

  /// The same by another key.
  public S3Bucket with(String otherKey, Secret itsSecret) {
    return new S3Bucket(
        endpoint,
        region,
        name,
        prefix,
        pathStyle,
        otherKey,
        itsSecret,
        authorities,
        encryption,
        kmsKey);
  }

  /// As people call it: `s3://mail-archive/relay1/`.
  @Override
  public String toString() {
    return "s3://" + name + "/" + prefix;
  }
}
