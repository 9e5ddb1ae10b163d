package dev.poststation.sim;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Looks at signatures of requests to object stores, as they arrived (AWS Signature Version 4, for
/// S3). Pure functions.
final class SigV4 {
  private static final HexFormat HEX = HexFormat.of();

  private SigV4() {}

  /// What is wrong with a request; empty: nothing.
  ///
  /// @param fields by their names in lower case
  static String flaw(
      String method, URI uri, Map<String, String> fields, byte[] body, String secret) {
    String said = fields.getOrDefault("authorization", "");
    if (!said.startsWith("AWS4-HMAC-SHA256 ")) {
      return "no signature of version 4";
    }
    Map<String, String> parts =
        Arrays.stream(said.substring("AWS4-HMAC-SHA256 ".length()).split(",\\s*"))
            .map(each -> each.strip().split("=", 2))
            .collect(Collectors.toMap(each -> each[0], each -> each[1]));
    List<String> signed = List.of(parts.get("SignedHeaders").split(";"));
    String[] scope = parts.get("Credential").split("/", 2)[1].split("/");
    String hash = fields.getOrDefault("x-amz-content-sha256", "");
    if (!hash.equals(sha256(body))) {
      return "the hash is not that of the body";
    }
    for (String name : fields.keySet()) {
      boolean must = name.startsWith("x-amz-") || name.equals("content-md5") || name.equals("host");
      if (must && !signed.contains(name)) {
        return name + " is not signed";
      }
    }
    var canonical = new StringBuilder(method).append('\n').append(uri.getRawPath()).append('\n');
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    canonical.append(
        Arrays.stream(query.split("&"))
            .filter(each -> !each.isEmpty())
            .map(each -> each.contains("=") ? each : each + "=")
            .sorted()
            .collect(Collectors.joining("&")));
    canonical.append('\n');
    for (String name : signed) {
      canonical.append(name).append(':').append(fields.getOrDefault(name, "").strip()).append('\n');
    }
    canonical.append('\n').append(String.join(";", signed)).append('\n').append(hash);
    String text =
        "AWS4-HMAC-SHA256\n"
            + fields.get("x-amz-date")
            + "\n"
            + String.join("/", scope)
            + "\n"
            + sha256(canonical.toString().getBytes(StandardCharsets.UTF_8));
    byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
    for (String each : scope) {
      key = hmac(key, each);
    }
    return HEX.formatHex(hmac(key, text)).equals(parts.get("Signature"))
        ? ""
        : "the signature is not that of\n" + canonical;
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String sha256(byte[] octets) {
    try {
      return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
