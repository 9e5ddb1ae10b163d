package dev.poststation.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a directory is asked. Pure functions, but for the question itself.
public final class Searches {
  /// The groups of an entry, where the directory keeps them there.
  public static final String MEMBER_OF = "memberOf";

  /// The name by which groups of Unix know their members.
  public static final String UID = "uid";

  private static final String NO_ATTRIBUTES = "1.1"; // RFC 4511 4.5.1.8

  private Searches() {}

  /// A search for one entry; two are enough to see that it is not one.
  public static SearchRequest request(
      String base, SearchScope scope, Filter filter, Duration timeout) {
    int seconds = Math.toIntExact(Math.max(1, timeout.toSeconds()));
    return new SearchRequest(base, scope, DereferencePolicy.NEVER, 2, seconds, false, filter);
  }

  /// A filter with this text in the place of a word, whatever is in it (RFC 4515 3).
  public static Filter filter(String template, String word, String text) {
    try {
      return Filter.create(template.replace(word, Filter.encodeValue(text)));
    } catch (LDAPException e) {
      throw new IllegalStateException(e); // The configuration was checked.
    }
  }

  /// Whether an entry is in a group: by [#MEMBER_OF] and [#UID] of the entry, with which it must
  /// have been asked for, or by the group's own attributes.
  public static boolean isMember(
      DirectoryServer server, Entry entry, String group, Duration timeout) throws LDAPException {
    return says(entry, group) || lists(server, entry, group, timeout);
  }

  /// Whether the entry itself says that it is in the group.
  public static boolean says(Entry entry, String group) throws LDAPException {
    for (String of : values(entry, MEMBER_OF)) {
      if (DN.isValidDN(of) && DN.equals(of, group)) {
        return true;
      }
    }
    return false;
  }

  /// Whether the group says that this entry is in it.
  ///
  /// @throws LDAPException when the server could not say
  public static boolean lists(DirectoryServer server, Entry entry, String group, Duration timeout)
      throws LDAPException {
    List<Filter> any = new ArrayList<>();
    any.add(Filter.createEqualityFilter("member", entry.getDN()));
    any.add(Filter.createEqualityFilter("uniqueMember", entry.getDN()));
    values(entry, UID).forEach(uid -> any.add(Filter.createEqualityFilter("memberUid", uid)));
    var request = request(group, SearchScope.BASE, Filter.createORFilter(any), timeout);
    request.setAttributes(NO_ATTRIBUTES);
    return !server.search(request).getSearchEntries().isEmpty();
  }

  /// What an attribute of an entry says.
  public static List<String> values(Entry entry, String attribute) {
    var values = entry.getAttributeValues(attribute);
    return values == null ? List.of() : List.of(values);
  }

  /// Whether two names are of one entry: servers of a directory may write them differently, in
  /// capitals and spaces (RFC 4514, RFC 4517 4.2.15).
  public static boolean isSame(String one, String other) {
    try {
      return DN.equals(one, other);
    } catch (LDAPException _) {
      return one.equals(other);
    }
  }
}
