"""Every address of the house. Each app's faces say their own; here they are put under one roof."""

from django.urls import include, path

import licensing.faces.portal.urls
import licensing.faces.public.urls
import licensing.faces.staff.urls
import pvara.kernel.web
import tokenisation.faces.portal.urls
import tokenisation.faces.public.urls
import tokenisation.faces.staff.urls
from pvara import home

staff = licensing.faces.staff.urls.urlpatterns + tokenisation.faces.staff.urls.urlpatterns
portal = licensing.faces.portal.urls.urlpatterns + tokenisation.faces.portal.urls.urlpatterns
public = licensing.faces.public.urls.urlpatterns + tokenisation.faces.public.urls.urlpatterns

urlpatterns = [
    path("", home.home, name="home"),
    path("work/", home.work, name="work"),
    path("accounts/", include("allauth.urls")),
    path("api/", include("pvara.api_urls")),
    path("", include(pvara.kernel.web.urlpatterns)),
    path("staff/", include((staff, "staff"))),
    path("portal/", include((portal, "portal"))),
    path("", include((public, "public"))),
]
