package dev.poststation.smime;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/// Where a certificate says that one can ask whether it was revoked. Pure functions.
///
/// @param responders by OCSP (RFC 5280 4.2.2.1)
/// @param lists CRLs (RFC 5280 4.2.1.13)
record StatusPlaces(List<URI> responders, List<URI> lists) {
  /// Who makes a certificate may write any number.
  private static final int RESPONDERS_MAX = 2;

  private static final int LISTS_MAX = 3;
  private static final int LENGTH_MAX = 1_000;

  /// Those of a certificate.
  static StatusPlaces of(X509Certificate certificate) {
    var holder = Certificates.holder(certificate);
    try {
      var access = AuthorityInformationAccess.fromExtensions(holder.getExtensions());
      var points = CRLDistPoint.fromExtensions(holder.getExtensions());
      return new StatusPlaces(
          access == null ? List.of() : responders(access),
          points == null ? List.of() : lists(points));
    } catch (IllegalArgumentException | IllegalStateException _) {
      return new StatusPlaces(List.of(), List.of());
    }
  }

  boolean isEmpty() {
    return responders.isEmpty() && lists.isEmpty();
  }

  private static List<URI> responders(AuthorityInformationAccess access) {
    return Stream.of(access.getAccessDescriptions())
        .filter(each -> each.getAccessMethod().equals(AccessDescription.id_ad_ocsp))
        .flatMap(each -> uri(each.getAccessLocation()).stream())
        .limit(RESPONDERS_MAX)
        .toList();
  }

  /// A list of another issuer, or for some reasons only, is not read.
  private static List<URI> lists(CRLDistPoint points) {
    return Stream.of(points.getDistributionPoints())
        .filter(each -> each.getCRLIssuer() == null && each.getReasons() == null)
        .flatMap(StatusPlaces::names)
        .flatMap(each -> uri(each).stream())
        .limit(LISTS_MAX)
        .toList();
  }

  private static Stream<GeneralName> names(DistributionPoint point) {
    var name = point.getDistributionPoint();
    return name != null && name.getType() == DistributionPointName.FULL_NAME
        ? Stream.of(GeneralNames.getInstance(name.getName()).getNames())
        : Stream.empty();
  }

  /// Over HTTP alone: a place in a directory, or one whose own certificate would have to be looked
  /// at, is none.
  private static Optional<URI> uri(GeneralName name) {
    String text = name.getName().toString();
    if (name.getTagNo() != GeneralName.uniformResourceIdentifier || text.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    try {
      var uri = new URI(text).parseServerAuthority();
      boolean plain =
          "http".equals(String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT))
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
      return plain ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }
}
