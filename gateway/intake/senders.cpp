#include "gateway/intake/senders.hpp"
