package dev.poststation.dns;

import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/// What is asked: a name, compared without case, and a type of record (`Type.MX`).
record Question(Name name, int type) {
  @Override
  public String toString() {
    return name + " " + Type.string(type);
  }
}
