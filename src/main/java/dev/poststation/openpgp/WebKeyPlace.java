package dev.poststation.openpgp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.dns.DomainName;
import dev.poststation.dns.NumericAddress;
import dev.poststation.smtp.Address;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/// Where the key of an address is in the Web Key Directory of its domain
/// (draft-koch-openpgp-webkey-service, 3.1). Immutable.
///
/// @param local as it stands in the address
/// @param domain in the spelling of `DomainName`
public record WebKeyPlace(String local, String domain) {
  /// RFC 6189 5.1.6.
  private static final String Z_BASE_32 = "ybndrfg8ejkmcpqxot1uwisza345h769";

  private static final int DIGIT_BITS = 5;

  /// That of an address; empty: no site can have it.
  public static Optional<WebKeyPlace> of(Address address) {
    return DomainName.ascii(address.domain())
        .filter(each -> each.contains(".") && NumericAddress.parse(each).isEmpty())
        .map(each -> new WebKeyPlace(address.local(), each))
        .filter(WebKeyPlace::isSite);
  }

  /// What the DNS has as a name (`a_b.example`) need not be one that a site can have.
  private boolean isSite() {
    try {
      return direct().parseServerAuthority().getHost() != null;
    } catch (IllegalArgumentException | URISyntaxException _) {
      return false;
    }
  }

  /// The host of the advanced method. Where it has no address, the direct one counts.
  public String advancedHost() {
    return "openpgpkey." + domain;
  }

  /// By the advanced method.
  public URI advanced() {
    return URI.create(
        "https://" + advancedHost() + "/.well-known/openpgpkey/" + domain + "/hu/" + file());
  }

  /// By the direct method.
  public URI direct() {
    return URI.create("https://" + domain + "/.well-known/openpgpkey/hu/" + file());
  }

  private String file() {
    return hash() + "?l=" + URLEncoder.encode(local, UTF_8).replace("+", "%20");
  }

  /// What stands for the local part: case counts not, as far as it is ASCII.
  String hash() {
    var mapped = new StringBuilder(local);
    for (int i = 0; i < mapped.length(); i++) {
      char c = mapped.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        mapped.setCharAt(i, (char) (c - 'A' + 'a'));
      }
    }
    try {
      // The draft demands SHA-1, as a name and not for its strength.
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(mapped.toString().getBytes(UTF_8));
      return digits(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// @param octets whose bits are a multiple of five
  private static String digits(byte[] octets) {
    var text = new StringBuilder();
    int bits = 0;
    int left = 0;
    for (byte each : octets) {
      bits = (bits << Byte.SIZE) | (each & 0xff);
      left += Byte.SIZE;
      while (left >= DIGIT_BITS) {
        left -= DIGIT_BITS;
        text.append(Z_BASE_32.charAt((bits >> left) & 0x1f));
      }
    }
    return text.toString();
  }
}
